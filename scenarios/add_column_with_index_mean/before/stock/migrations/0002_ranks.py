from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("stock", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="item",
            name="place",
            field=models.CharField(
                db_column="Place",
                db_comment="Aisle and shelf",
                max_length=20,
                null=True,
                unique=True,
                verbose_name="place",
            ),
        ),
        migrations.AddField(
            model_name="item",
            name="rank",
            field=models.PositiveIntegerField(
                db_column="Rank", db_index=True, default=0, null=True, verbose_name="rank"
            ),
        ),
    ]
