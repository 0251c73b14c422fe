import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Tag",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.CharField(max_length=20)),
            ],
        ),
        migrations.CreateModel(
            name="Invoice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(db_column="No", max_length=20, unique=True)),
                (
                    "corrects",
                    models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, to="billing.invoice"),
                ),
                ("tags", models.ManyToManyField(to="billing.tag")),
            ],
            options={
                "db_table": "Old Invoices",
            },
        ),
    ]
