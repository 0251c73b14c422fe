from django.db import migrations


# Deploy 2 of 2 of what was 0002_cleanup. No running code knows remark any more.
# Unapplied, the column is back, but not what was in it.
class Migration(migrations.Migration):
    dependencies = [
        ('orders', '0008_drop_order_referrer'),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    ALTER TABLE "orders_order"
                    DROP COLUMN IF EXISTS "remark"
                """,
            ],
            reverse_sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    ALTER TABLE "orders_order"
                    ADD COLUMN "remark" varchar(200)
                """,
            ],
        ),
    ]
