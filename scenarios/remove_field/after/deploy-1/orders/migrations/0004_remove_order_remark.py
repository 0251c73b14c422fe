from django.db import migrations


# Deploy 1 of 2 of what was 0002_cleanup. Column remark leaves the models only: running
# code still asks for the column. New code gives it no value, so it may be NULL.
class Migration(migrations.Migration):
    dependencies = [
        ('orders', '0003_remove_order_referrer'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    sql=[
                        "SET LOCAL lock_timeout = '2s'",
                        """
                            ALTER TABLE "orders_order"
                            ALTER COLUMN "remark" DROP NOT NULL
                        """,
                    ],
                    reverse_sql=[
                        "SET LOCAL lock_timeout = '2s'",
                        """
                            DO $$ BEGIN
                                IF NOT EXISTS (SELECT FROM "orders_order" WHERE "remark" IS NULL) THEN
                                    ALTER TABLE "orders_order" ALTER COLUMN "remark" SET NOT NULL;
                                END IF;
                            END $$
                        """,
                    ],
                ),
            ],
            state_operations=[
                migrations.RemoveField(
                    model_name='order',
                    name='remark',
                ),
            ],
        ),
    ]
