from django.db import migrations


# Deploy 2 of 2 of what was 0002_booking_guest. Holds for new rows from now on; none of
# those that are there is read. Nobody can write to guests_guest for a moment; if its
# lock is not to be had soon, this fails: try again.
class Migration(migrations.Migration):
    dependencies = [
        ("bookings", "0002_booking_guest_without_foreign_key"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '250ms'",
                """
                    ALTER TABLE "bookings_booking"
                    ADD CONSTRAINT
                        "bookings_booking_guest_id_8ba294cc_fk_guests_guest_id"
                        FOREIGN KEY ("guest_id") REFERENCES
                        "guests_guest" ("id") DEFERRABLE INITIALLY
                        DEFERRED NOT VALID
                """,
            ],
            reverse_sql=[
                "SET LOCAL lock_timeout = '250ms'",
                """
                    ALTER TABLE "bookings_booking"
                    DROP CONSTRAINT
                        "bookings_booking_guest_id_8ba294cc_fk_guests_guest_id"
                """,
            ],
        ),
    ]
