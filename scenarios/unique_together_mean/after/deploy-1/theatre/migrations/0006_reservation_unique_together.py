from django.db import migrations


# The index becomes the constraint, which reads no row. If the lock is not to be had
# soon, this fails: try again. A constraint is dropped, which takes a moment; if the
# lock is not to be had soon, this fails: try again.
class Migration(migrations.Migration):
    dependencies = [
        ('theatre', '0005_reservation_unique_together_index'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    sql=[
                        "SET LOCAL lock_timeout = '2s'",
                        """
                            ALTER TABLE "theatre_reservation"
                            ADD CONSTRAINT
                                "theatre_reservation_house_id_Show_seat_df7cc83d_uniq"
                                UNIQUE USING INDEX
                                "theatre_reservation_house_id_Show_seat_df7cc83d_uniq"
                        """,
                    ],
                    reverse_sql="""
                        ALTER TABLE "theatre_reservation"
                        DROP CONSTRAINT
                            "theatre_reservation_house_id_Show_seat_df7cc83d_uniq"
                    """,
                ),
                migrations.RunSQL(
                    sql=[
                        "SET LOCAL lock_timeout = '2s'",
                        """
                            ALTER TABLE "theatre_reservation"
                            DROP CONSTRAINT
                                "theatre_reservation_Show_seat_2e752836_uniq"
                        """,
                    ],
                    reverse_sql="""
                        ALTER TABLE "theatre_reservation"
                        ADD CONSTRAINT
                            "theatre_reservation_Show_seat_2e752836_uniq"
                            UNIQUE ("Show", "seat")
                    """,
                ),
            ],
            state_operations=[
                migrations.AlterUniqueTogether(
                    name='reservation',
                    unique_together={('house', 'show', 'seat')},
                ),
            ],
        ),
    ]
