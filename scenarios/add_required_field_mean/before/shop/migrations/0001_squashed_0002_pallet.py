from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("shop", "0001_initial"),
        ("shop", "0002_pallet"),
    ]

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Parcel",
            fields=[
                ("code", models.SlugField(primary_key=True, serialize=False)),
            ],
            options={
                "db_table": "Parcels (old)",
            },
        ),
        migrations.AddConstraint(
            model_name="parcel",
            constraint=models.UniqueConstraint(fields=["code"], name="Parcels (old)_Tracking No_proof"),
        ),
        migrations.CreateModel(
            name="Pallet",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("note", models.TextField(blank=True)),
            ],
        ),
    ]
