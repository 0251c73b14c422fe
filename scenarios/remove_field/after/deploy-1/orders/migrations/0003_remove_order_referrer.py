from django.db import migrations


# Deploy 1 of 2 of what was 0002_cleanup. Column referrer_id leaves the models only:
# running code still asks for the column. New code gives it no value, so it may be NULL.
# New code may delete what it refers to, so it becomes NULL then.
class Migration(migrations.Migration):
    dependencies = [
        ('orders', '0002_remove_order_legacy_number'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    sql=[
                        "SET LOCAL lock_timeout = '250ms'",
                        """
                            ALTER TABLE "orders_order"
                            ALTER COLUMN "referrer_id" DROP NOT NULL,
                            DROP CONSTRAINT IF EXISTS
                                "orders_order_referrer_id_1171b51d_fk_orders_customer_id",
                            ADD CONSTRAINT
                                "orders_order_referrer_id_1171b51d_fk_orders_customer_id"
                                FOREIGN KEY ("referrer_id") REFERENCES
                                "orders_customer" ("id") ON DELETE SET NULL
                                DEFERRABLE INITIALLY DEFERRED NOT VALID
                        """,
                    ],
                    reverse_sql=[
                        "SET LOCAL lock_timeout = '250ms'",
                        """
                            ALTER TABLE "orders_order"
                            DROP CONSTRAINT IF EXISTS
                                "orders_order_referrer_id_1171b51d_fk_orders_customer_id",
                            ADD CONSTRAINT
                                "orders_order_referrer_id_1171b51d_fk_orders_customer_id"
                                FOREIGN KEY ("referrer_id") REFERENCES
                                "orders_customer" ("id") DEFERRABLE INITIALLY
                                DEFERRED
                        """,
                        """
                            DO $$ BEGIN
                                IF NOT EXISTS (SELECT FROM "orders_order" WHERE "referrer_id" IS NULL) THEN
                                    ALTER TABLE "orders_order" ALTER COLUMN "referrer_id" SET NOT NULL;
                                END IF;
                            END $$
                        """,
                    ],
                ),
            ],
            state_operations=[
                migrations.RemoveField(
                    model_name='order',
                    name='referrer',
                ),
            ],
        ),
    ]
