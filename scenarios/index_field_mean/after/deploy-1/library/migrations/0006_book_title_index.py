from django.db import migrations, models


# Built concurrently, so that nobody waits; what is left of a build that failed is
# dropped first.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('library', '0005_book_title'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    sql=[
                        """
                            DROP INDEX CONCURRENTLY IF EXISTS
                                "All Books_title_5c19e063"
                        """,
                        """
                            CREATE INDEX CONCURRENTLY
                                "All Books_title_5c19e063" ON "All Books"
                                ("title")
                        """,
                    ],
                    reverse_sql="""
                        DROP INDEX CONCURRENTLY IF EXISTS
                            "All Books_title_5c19e063"
                    """,
                ),
                migrations.RunSQL(
                    sql=[
                        """
                            DROP INDEX CONCURRENTLY IF EXISTS
                                "All Books_title_5c19e063_like"
                        """,
                        """
                            CREATE INDEX CONCURRENTLY
                                "All Books_title_5c19e063_like" ON "All Books"
                                ("title" varchar_pattern_ops)
                        """,
                    ],
                    reverse_sql="""
                        DROP INDEX CONCURRENTLY IF EXISTS
                            "All Books_title_5c19e063_like"
                    """,
                ),
            ],
            state_operations=[
                migrations.AlterField(
                    model_name='book',
                    name='title',
                    field=models.CharField(db_index=True, max_length=60),
                ),
            ],
        ),
    ]
