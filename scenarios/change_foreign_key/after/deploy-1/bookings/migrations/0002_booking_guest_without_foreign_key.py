import django.db.models.deletion
from django.db import migrations, models


# Deploy 1 of 2 of what was 0002_booking_guest. Both tables are locked for a moment:
# this gives up soon if they are not to be had; then try again.
class Migration(migrations.Migration):
    dependencies = [
        ("bookings", "0001_initial"),
        ("guests", "0001_initial"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    sql=[
                        "SET LOCAL lock_timeout = '250ms'",
                        """
                            ALTER TABLE "bookings_booking"
                            DROP CONSTRAINT
                                "bookings_booking_guest_id_8ba294cc_fk_guests_account_id"
                        """,
                    ],
                    reverse_sql=[
                        "SET LOCAL lock_timeout = '250ms'",
                        """
                            ALTER TABLE "bookings_booking"
                            ADD CONSTRAINT
                                "bookings_booking_guest_id_8ba294cc_fk_guests_account_id"
                                FOREIGN KEY ("guest_id") REFERENCES
                                "guests_account" ("id") DEFERRABLE INITIALLY
                                DEFERRED
                        """,
                    ],
                ),
            ],
            state_operations=[
                migrations.AlterField(
                    model_name="booking",
                    name="guest",
                    field=models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        to="guests.guest",
                    ),
                ),
            ],
        ),
    ]
