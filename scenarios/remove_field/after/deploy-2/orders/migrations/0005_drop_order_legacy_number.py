from django.db import migrations


# Deploy 2 of 2 of what was 0002_cleanup. No running code knows legacy_number any more.
# Unapplied, the column is back, but not what was in it.
class Migration(migrations.Migration):
    dependencies = [
        ('orders', '0004_remove_order_remark'),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    ALTER TABLE "orders_order"
                    DROP COLUMN IF EXISTS "legacy_number"
                """,
            ],
            reverse_sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    ALTER TABLE "orders_order"
                    ADD COLUMN "legacy_number" integer,
                    ADD CONSTRAINT "orders_order_legacy_number_key"
                        UNIQUE ("legacy_number")
                """,
            ],
        ),
    ]
