import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.RunSQL("CREATE SCHEMA depot", "DROP SCHEMA depot"),
        migrations.CreateModel(
            name="Place",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=40)),
            ],
            options={
                "db_table": "Places",
            },
        ),
        migrations.CreateModel(
            name="Parcel",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("customer_number", models.IntegerField(db_column="Cust No", unique=True)),
                (
                    "destination",
                    models.ForeignKey(
                        db_column="Ship-To", null=True, on_delete=django.db.models.deletion.PROTECT, to="shipping.place"
                    ),
                ),
            ],
            options={
                "db_table": 'depot"."Parcels 2009',
            },
        ),
    ]
