from django.db import migrations


# Deploy 2 of 2 of what was 0002_seats. The index becomes the constraint, which reads no
# row. If the lock is not to be had soon, this fails: try again.
class Migration(migrations.Migration):
    dependencies = [
        ('theatre', '0002_booking_unique_together_index'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    sql=[
                        "SET LOCAL lock_timeout = '2s'",
                        """
                            ALTER TABLE "theatre_booking"
                            ADD CONSTRAINT
                                "theatre_booking_show_seat_c864ce07_uniq"
                                UNIQUE USING INDEX
                                "theatre_booking_show_seat_c864ce07_uniq"
                        """,
                    ],
                    reverse_sql="""
                        ALTER TABLE "theatre_booking"
                        DROP CONSTRAINT
                            "theatre_booking_show_seat_c864ce07_uniq"
                    """,
                ),
            ],
            state_operations=[
                migrations.AlterUniqueTogether(
                    name='booking',
                    unique_together={('show', 'seat')},
                ),
            ],
        ),
    ]
