from django.db import migrations


# Holds for new rows from now on; none of those that are there is read. Nobody can write
# to hr.People for a moment; if its lock is not to be had soon, this fails: try again.
class Migration(migrations.Migration):
    dependencies = [
        ("shop", "0009_validate_packing_order_id_foreign_key"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '250ms'",
                """
                    ALTER TABLE "Packings"
                    ADD CONSTRAINT
                        "Packings_Packed by_ba10de1e_fk_People_id"
                        FOREIGN KEY ("Packed by") REFERENCES
                        "hr"."People" ("id") DEFERRABLE INITIALLY
                        DEFERRED NOT VALID
                """,
            ],
            reverse_sql=[
                "SET LOCAL lock_timeout = '250ms'",
                """
                    ALTER TABLE "Packings"
                    DROP CONSTRAINT
                        "Packings_Packed by_ba10de1e_fk_People_id"
                """,
            ],
        ),
    ]
