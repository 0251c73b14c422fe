import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [("web", "0001_initial"), ("web", "0002_session_owner")]

    initial = True

    dependencies = [
        ("people", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Session",
            fields=[
                ("key", models.CharField(db_column="Key", max_length=40, primary_key=True, serialize=False)),
                ("status", models.CharField(db_column="Status", max_length=20, null=True)),
                ("agent", models.CharField(blank=True, max_length=80)),
                (
                    "owner",
                    models.ForeignKey(
                        db_column="Owner", null=True, on_delete=django.db.models.deletion.CASCADE, to="people.person"
                    ),
                ),
            ],
            options={
                "db_table": "Web Sessions",
            },
        ),
    ]
