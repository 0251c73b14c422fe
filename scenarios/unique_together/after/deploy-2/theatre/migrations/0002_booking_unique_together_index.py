from django.db import migrations


# Deploy 2 of 2 of what was 0002_seats. Built concurrently, so that nobody waits; what
# is left of a build that failed is dropped first.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('theatre', '0001_initial'),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                """
                    DROP INDEX CONCURRENTLY IF EXISTS
                        "theatre_booking_show_seat_c864ce07_uniq"
                """,
                """
                    CREATE UNIQUE INDEX CONCURRENTLY
                        "theatre_booking_show_seat_c864ce07_uniq"
                    ON "theatre_booking" ("show", "seat")
                """,
            ],
            reverse_sql="""
                DROP INDEX CONCURRENTLY IF EXISTS
                    "theatre_booking_show_seat_c864ce07_uniq"
            """,
        ),
    ]
