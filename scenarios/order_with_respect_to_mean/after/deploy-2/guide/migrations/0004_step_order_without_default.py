from django.db import migrations


# Deploy 2 of 2 of what was 0002_step_order. All running code gives it a value.
class Migration(migrations.Migration):
    dependencies = [
        ("guide", "0003_step_order"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    ALTER TABLE "Steps of guides"
                    ALTER COLUMN "_order" DROP DEFAULT
                """,
            ],
            reverse_sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    ALTER TABLE "Steps of guides"
                    ALTER COLUMN "_order" SET DEFAULT 0
                """,
            ],
        ),
    ]
