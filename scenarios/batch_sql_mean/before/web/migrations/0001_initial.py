from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Session",
            fields=[
                ("key", models.CharField(db_column="Key", max_length=40, primary_key=True, serialize=False)),
                ("status", models.CharField(db_column="Status", max_length=20, null=True)),
                ("agent", models.CharField(blank=True, max_length=80)),
            ],
            options={
                "db_table": "Web Sessions",
            },
        ),
    ]
