from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Seat",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("row", models.IntegerField(db_column="Row")),
                ("number", models.IntegerField()),
                ("price", models.DecimalField(decimal_places=2, max_digits=8, null=True)),
            ],
            options={
                "db_table": "Seats",
                "abstract": False,
                "index_together": {("row", "number"), ("price", "row")},
            },
        ),
        migrations.CreateModel(
            name="Box",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("row", models.IntegerField(db_column="Row")),
                ("number", models.IntegerField()),
            ],
            options={
                "abstract": False,
                "index_together": {("row", "number")},
            },
        ),
    ]
