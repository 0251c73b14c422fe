import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Party",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("vat", models.CharField(max_length=30, unique=True, verbose_name="VAT id")),
                ("name", models.CharField(max_length=40)),
            ],
            options={
                "db_table": "Parties",
            },
        ),
        migrations.CreateModel(
            name="Company",
            fields=[
                (
                    "party_ptr",
                    models.OneToOneField(
                        auto_created=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        parent_link=True,
                        primary_key=True,
                        serialize=False,
                        to="parties.party",
                    ),
                ),
                ("legal_form", models.CharField(max_length=10)),
            ],
            options={
                "abstract": False,
            },
            bases=("parties.party",),
        ),
        migrations.AddIndex(
            model_name="party",
            index=models.Index(fields=["name", "-vat"], name="Parties by name"),
        ),
        migrations.CreateModel(
            name="Branch",
            fields=[
                (
                    "company_ptr",
                    models.OneToOneField(
                        auto_created=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        parent_link=True,
                        primary_key=True,
                        serialize=False,
                        to="parties.company",
                    ),
                ),
                ("town", models.CharField(max_length=40)),
            ],
            options={
                "abstract": False,
            },
            bases=("parties.company",),
        ),
    ]
