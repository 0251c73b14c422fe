from django.db import migrations, models


# Deploy 1 of 3 of what was 0002_required. New rows get the default; nothing is NOT NULL
# yet.
class Migration(migrations.Migration):
    dependencies = [
        ("people", "0001_initial"),
        ("shop", "0001_initial"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name="book",
                    name="pages",
                    field=models.PositiveSmallIntegerField(default=1, null=True),
                ),
            ],
        ),
    ]
