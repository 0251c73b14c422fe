from django.db import migrations


# Deploy 2 of 2 of what was 0002_answer_order. All running code gives it a value.
class Migration(migrations.Migration):
    dependencies = [
        ("quiz", "0002_answer_order_expand"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    ALTER TABLE "quiz_answer"
                    ALTER COLUMN "_order" DROP DEFAULT
                """,
            ],
            reverse_sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    ALTER TABLE "quiz_answer"
                    ALTER COLUMN "_order" SET DEFAULT 0
                """,
            ],
        ),
    ]
