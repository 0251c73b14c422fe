from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Item",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("name", models.CharField(db_column="Name", max_length=80, unique=True, verbose_name="name")),
            ],
            options={
                "db_table": "Stock items",
            },
        ),
    ]
