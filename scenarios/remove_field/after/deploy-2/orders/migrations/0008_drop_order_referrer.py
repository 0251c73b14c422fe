from django.db import migrations


# Deploy 2 of 2 of what was 0002_cleanup. No running code knows referrer_id any more.
# Unapplied, the column is back, but not what was in it.
class Migration(migrations.Migration):
    dependencies = [
        ('orders', '0007_drop_order_referrer_index'),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    ALTER TABLE "orders_order"
                    DROP COLUMN IF EXISTS "referrer_id"
                """,
            ],
            reverse_sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    ALTER TABLE "orders_order"
                    ADD COLUMN "referrer_id" bigint
                """,
            ],
        ),
    ]
