from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Order",
            fields=[
                ("number", models.PositiveIntegerField(primary_key=True, serialize=False)),
            ],
            options={
                "db_table": "Orders",
            },
        ),
    ]
