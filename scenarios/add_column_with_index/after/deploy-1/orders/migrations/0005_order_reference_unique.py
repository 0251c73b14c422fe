from django.db import migrations


# The index becomes the constraint, which reads no row. If the lock is not to be had
# soon, this fails: try again.
class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0004_order_reference_unique_index"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    ALTER TABLE "orders_order"
                    ADD CONSTRAINT "orders_order_reference_key" UNIQUE
                        USING INDEX "orders_order_reference_key"
                """,
            ],
            reverse_sql="""
                ALTER TABLE "orders_order"
                DROP CONSTRAINT "orders_order_reference_key"
            """,
        ),
    ]
