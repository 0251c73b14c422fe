from django.db import migrations


# Built concurrently, so that nobody waits; what is left of a build that failed is
# dropped first.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('theatre', '0004_booking_unique_together'),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                """
                    DROP INDEX CONCURRENTLY IF EXISTS
                        "theatre_reservation_house_id_Show_seat_df7cc83d_uniq"
                """,
                """
                    CREATE UNIQUE INDEX CONCURRENTLY
                        "theatre_reservation_house_id_Show_seat_df7cc83d_uniq"
                    ON "theatre_reservation" ("house_id", "Show",
                        "seat")
                """,
            ],
            reverse_sql="""
                DROP INDEX CONCURRENTLY IF EXISTS
                    "theatre_reservation_house_id_Show_seat_df7cc83d_uniq"
            """,
        ),
    ]
