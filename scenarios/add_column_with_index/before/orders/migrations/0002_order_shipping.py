from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="order",
            name="reference",
            field=models.CharField(max_length=40, null=True, unique=True),
        ),
        migrations.AddField(
            model_name="order",
            name="warehouse",
            field=models.SlugField(null=True),
        ),
        migrations.AddField(
            model_name="order",
            name="weight",
            field=models.PositiveIntegerField(null=True),
        ),
    ]
