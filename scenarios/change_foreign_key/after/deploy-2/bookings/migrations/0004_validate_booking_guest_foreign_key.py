from django.db import migrations


# Deploy 2 of 2 of what was 0002_booking_guest. Reads the rows while everybody keeps
# working, so not in the transaction that has added the constraint.
class Migration(migrations.Migration):
    dependencies = [
        ("bookings", "0003_booking_guest_foreign_key"),
    ]

    operations = [
        migrations.RunSQL(
            sql="""
                ALTER TABLE "bookings_booking"
                VALIDATE CONSTRAINT
                    "bookings_booking_guest_id_8ba294cc_fk_guests_guest_id"
            """,
            reverse_sql=migrations.RunSQL.noop,
        ),
    ]
