from django.db import migrations


# Deploy 2 of 4 of what was 0002_indexes. Dropped concurrently, so that nobody waits; if
# that fails, try again.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("theatre", "0002_indexes_expand"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    sql="""
                        DROP INDEX CONCURRENTLY IF EXISTS
                            "Seats_price_Row_558ed1a8_idx"
                    """,
                    reverse_sql=[
                        """
                            DROP INDEX CONCURRENTLY IF EXISTS
                                "Seats_price_Row_558ed1a8_idx"
                        """,
                        """
                            CREATE INDEX CONCURRENTLY
                                "Seats_price_Row_558ed1a8_idx"
                            ON "Seats" ("price", "Row")
                        """,
                    ],
                ),
            ],
            state_operations=[
                migrations.AlterIndexTogether(
                    name="seat",
                    index_together=set(),
                ),
            ],
        ),
    ]
