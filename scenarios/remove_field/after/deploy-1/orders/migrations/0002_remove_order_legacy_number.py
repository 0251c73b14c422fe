from django.db import migrations


# Deploy 1 of 2 of what was 0002_cleanup. Column legacy_number leaves the models only:
# running code still asks for the column. New code gives it no value, so it may be NULL.
class Migration(migrations.Migration):
    dependencies = [
        ('orders', '0001_initial'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    sql=[
                        "SET LOCAL lock_timeout = '2s'",
                        """
                            ALTER TABLE "orders_order"
                            ALTER COLUMN "legacy_number" DROP NOT NULL
                        """,
                    ],
                    reverse_sql=[
                        "SET LOCAL lock_timeout = '2s'",
                        """
                            DO $$ BEGIN
                                IF NOT EXISTS (SELECT FROM "orders_order" WHERE "legacy_number" IS NULL) THEN
                                    ALTER TABLE "orders_order" ALTER COLUMN "legacy_number" SET NOT NULL;
                                END IF;
                            END $$
                        """,
                    ],
                ),
            ],
            state_operations=[
                migrations.RemoveField(
                    model_name='order',
                    name='legacy_number',
                ),
            ],
        ),
    ]
