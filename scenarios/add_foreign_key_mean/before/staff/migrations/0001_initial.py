import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.RunSQL("CREATE SCHEMA hr", "DROP SCHEMA hr"),
        migrations.CreateModel(
            name="Person",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                (
                    "badge",
                    models.CharField(db_column="Badge No", max_length=12, unique=True, verbose_name="badge"),
                ),
            ],
            options={
                "db_table": 'hr"."People',
            },
        ),
        migrations.CreateModel(
            name="Guard",
            fields=[
                (
                    "person_ptr",
                    models.OneToOneField(
                        auto_created=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        parent_link=True,
                        primary_key=True,
                        serialize=False,
                        to="staff.person",
                    ),
                ),
                ("armed", models.BooleanField(default=False)),
            ],
            bases=("staff.person",),
        ),
    ]
