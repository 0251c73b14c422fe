from django.db import migrations


# Dropped concurrently, so that nobody waits; if that fails, try again.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('theatre', '0002_show_index_together'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    sql="""
                        DROP INDEX CONCURRENTLY IF EXISTS
                            "Shows_title_day_0178709b_idx"
                    """,
                    reverse_sql=[
                        """
                            DROP INDEX CONCURRENTLY IF EXISTS
                                "Shows_title_day_0178709b_idx"
                        """,
                        """
                            CREATE INDEX CONCURRENTLY
                                "Shows_title_day_0178709b_idx"
                            ON "Shows" ("title", "day")
                        """,
                    ],
                ),
            ],
            state_operations=[
                migrations.AlterIndexTogether(
                    name='show',
                    index_together={('house', 'day')},
                ),
            ],
        ),
    ]
