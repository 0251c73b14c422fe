from django.db import migrations


# Holds for new rows from now on; none of those that are there is read. Nobody can write
# to Rooms for a moment; if its lock is not to be had soon, this fails: try again.
class Migration(migrations.Migration):
    dependencies = [
        ("staff", "0005_guard_post_unique"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '250ms'",
                """
                    ALTER TABLE "staff_guard"
                    ADD CONSTRAINT
                        "staff_guard_post_id_bc050134_fk_Rooms_number"
                        FOREIGN KEY ("post_id") REFERENCES "Rooms"
                        ("number") DEFERRABLE INITIALLY DEFERRED NOT
                        VALID
                """,
            ],
            reverse_sql=[
                "SET LOCAL lock_timeout = '250ms'",
                """
                    ALTER TABLE "staff_guard"
                    DROP CONSTRAINT
                        "staff_guard_post_id_bc050134_fk_Rooms_number"
                """,
            ],
        ),
    ]
