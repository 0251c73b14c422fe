from django.db import migrations


# Deploy 1 of 2 of what was 0002_step_order. _order has a default in the database, so
# that code of the release before can go on making rows.
class Migration(migrations.Migration):
    dependencies = [
        ("guide", "0002_step_order_expand"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    sql=[
                        "SET LOCAL lock_timeout = '2s'",
                        """
                            ALTER TABLE "Steps of guides"
                            ADD COLUMN "_order" integer DEFAULT 0 NOT NULL
                        """,
                    ],
                    reverse_sql=[
                        "SET LOCAL lock_timeout = '2s'",
                        'ALTER TABLE "Steps of guides" DROP COLUMN "_order"',
                    ],
                ),
            ],
            state_operations=[
                migrations.AlterOrderWithRespectTo(
                    name="step",
                    order_with_respect_to="guide",
                ),
            ],
        ),
    ]
