from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("stock", "0001_initial"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="item",
            options={"ordering": ["place"]},
        ),
        migrations.AlterModelTableComment(
            name="item",
            table_comment="What is in the store; prices without tax",
        ),
        migrations.AlterField(
            model_name="item",
            name="number",
            field=models.BigIntegerField(db_column="Item No", db_index=True),
        ),
        migrations.AlterField(
            model_name="item",
            name="price",
            field=models.DecimalField(decimal_places=4, default=0, max_digits=10),
        ),
    ]
