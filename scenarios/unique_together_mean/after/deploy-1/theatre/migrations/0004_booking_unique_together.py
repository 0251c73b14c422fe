from django.db import migrations


# The index becomes the constraint, which reads no row. If the lock is not to be had
# soon, this fails: try again. A constraint is dropped, which takes a moment; if the
# lock is not to be had soon, this fails: try again.
class Migration(migrations.Migration):
    dependencies = [
        ('theatre', '0003_booking_unique_together_index'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    sql=[
                        "SET LOCAL lock_timeout = '2s'",
                        """
                            ALTER TABLE "Bookings"
                            ADD CONSTRAINT
                                "Bookings_house_id_Show_seat_7ec0a889_uniq"
                                UNIQUE USING INDEX
                                "Bookings_house_id_Show_seat_7ec0a889_uniq"
                        """,
                    ],
                    reverse_sql="""
                        ALTER TABLE "Bookings"
                        DROP CONSTRAINT
                            "Bookings_house_id_Show_seat_7ec0a889_uniq"
                    """,
                ),
                migrations.RunSQL(
                    sql=[
                        "SET LOCAL lock_timeout = '2s'",
                        """
                            ALTER TABLE "Bookings"
                            DROP CONSTRAINT "Bookings_Show_seat_9495e3ac_uniq"
                        """,
                    ],
                    reverse_sql="""
                        ALTER TABLE "Bookings"
                        ADD CONSTRAINT "Bookings_Show_seat_9495e3ac_uniq"
                            UNIQUE ("Show", "seat")
                    """,
                ),
            ],
            state_operations=[
                migrations.AlterUniqueTogether(
                    name='booking',
                    unique_together={('house', 'show', 'seat')},
                ),
            ],
        ),
    ]
