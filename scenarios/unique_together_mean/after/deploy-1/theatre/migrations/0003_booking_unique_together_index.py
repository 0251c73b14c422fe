from django.db import migrations


# Built concurrently, so that nobody waits; what is left of a build that failed is
# dropped first.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('theatre', '0002_lookup'),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                """
                    DROP INDEX CONCURRENTLY IF EXISTS
                        "Bookings_house_id_Show_seat_7ec0a889_uniq"
                """,
                """
                    CREATE UNIQUE INDEX CONCURRENTLY
                        "Bookings_house_id_Show_seat_7ec0a889_uniq"
                    ON "Bookings" ("house_id", "Show", "seat")
                """,
            ],
            reverse_sql="""
                DROP INDEX CONCURRENTLY IF EXISTS
                    "Bookings_house_id_Show_seat_7ec0a889_uniq"
            """,
        ),
    ]
