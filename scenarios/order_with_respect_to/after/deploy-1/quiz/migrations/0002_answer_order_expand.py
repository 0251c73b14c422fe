from django.db import migrations


# Deploy 1 of 2 of what was 0002_answer_order. _order has a default in the database, so
# that code of the release before can go on making rows.
class Migration(migrations.Migration):
    dependencies = [
        ("quiz", "0001_initial"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    sql=[
                        "SET LOCAL lock_timeout = '2s'",
                        """
                            ALTER TABLE "quiz_answer"
                            ADD COLUMN "_order" integer DEFAULT 0 NOT NULL
                        """,
                    ],
                    reverse_sql=[
                        "SET LOCAL lock_timeout = '2s'",
                        'ALTER TABLE "quiz_answer" DROP COLUMN "_order"',
                    ],
                ),
            ],
            state_operations=[
                migrations.AlterOrderWithRespectTo(
                    name="answer",
                    order_with_respect_to="question",
                ),
            ],
        ),
    ]
