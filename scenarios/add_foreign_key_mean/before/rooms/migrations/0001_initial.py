from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Room",
            fields=[
                ("number", models.CharField(max_length=12, primary_key=True, serialize=False)),
            ],
            options={
                "db_table": "Rooms",
            },
        ),
    ]
