from django.db import migrations


# The index becomes the constraint, which reads no row. If the lock is not to be had
# soon, this fails: try again.
class Migration(migrations.Migration):
    dependencies = [
        ("stock", "0004_item_place_unique_index"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    ALTER TABLE "Stock items"
                    ADD CONSTRAINT "Stock items_Place_key" UNIQUE
                        USING INDEX "Stock items_Place_key"
                """,
            ],
            reverse_sql="""
                ALTER TABLE "Stock items"
                DROP CONSTRAINT "Stock items_Place_key"
            """,
        ),
    ]
