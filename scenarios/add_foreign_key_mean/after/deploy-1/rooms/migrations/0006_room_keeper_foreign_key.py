from django.db import migrations


# Holds for new rows from now on; none of those that are there is read. Nobody can write
# to hr.People for a moment; if its lock is not to be had soon, this fails: try again.
class Migration(migrations.Migration):
    dependencies = [
        ("rooms", "0005_room_keeper_index"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '250ms'",
                """
                    ALTER TABLE "Rooms"
                    ADD CONSTRAINT
                        "Rooms_Kept By_25350a07_fk_People_Badge No"
                        FOREIGN KEY ("Kept By") REFERENCES
                        "hr"."People" ("Badge No") DEFERRABLE
                        INITIALLY DEFERRED NOT VALID
                """,
            ],
            reverse_sql=[
                "SET LOCAL lock_timeout = '250ms'",
                """
                    ALTER TABLE "Rooms"
                    DROP CONSTRAINT
                        "Rooms_Kept By_25350a07_fk_People_Badge No"
                """,
            ],
        ),
    ]
