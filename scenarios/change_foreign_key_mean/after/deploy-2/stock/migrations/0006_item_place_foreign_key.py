from django.db import migrations


# Deploy 2 of 2 of what was 0002_stores. Holds for new rows from now on; none of those
# that are there is read. Nobody can write to Stores for a moment; if its lock is not to
# be had soon, this fails: try again.
class Migration(migrations.Migration):
    dependencies = [
        ("stock", "0005_validate_item_keeper_foreign_key"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '250ms'",
                """
                    ALTER TABLE "Stock Items"
                    ADD CONSTRAINT
                        "Stock Items_Wo_119f37f1_fk_Stores_id" FOREIGN
                        KEY ("Wo") REFERENCES "Stores" ("id")
                        DEFERRABLE INITIALLY DEFERRED NOT VALID
                """,
            ],
            reverse_sql=[
                "SET LOCAL lock_timeout = '250ms'",
                """
                    ALTER TABLE "Stock Items"
                    DROP CONSTRAINT
                        "Stock Items_Wo_119f37f1_fk_Stores_id"
                """,
            ],
        ),
    ]
