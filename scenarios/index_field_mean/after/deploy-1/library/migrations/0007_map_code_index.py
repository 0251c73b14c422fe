from django.db import migrations, models


# Built concurrently, so that nobody waits; what is left of a build that failed is
# dropped first.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('library', '0006_book_title_index'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    sql=[
                        """
                            DROP INDEX CONCURRENTLY IF EXISTS
                                "library_map_Code of it_f781ff5d"
                        """,
                        """
                            CREATE INDEX CONCURRENTLY
                                "library_map_Code of it_f781ff5d" ON
                                "library_map" ("Code of it")
                        """,
                    ],
                    reverse_sql="""
                        DROP INDEX CONCURRENTLY IF EXISTS
                            "library_map_Code of it_f781ff5d"
                    """,
                ),
                migrations.RunSQL(
                    sql=[
                        """
                            DROP INDEX CONCURRENTLY IF EXISTS
                                "library_map_Code of it_f781ff5d_like"
                        """,
                        """
                            CREATE INDEX CONCURRENTLY
                                "library_map_Code of it_f781ff5d_like" ON
                                "library_map" ("Code of it"
                                varchar_pattern_ops)
                        """,
                    ],
                    reverse_sql="""
                        DROP INDEX CONCURRENTLY IF EXISTS
                            "library_map_Code of it_f781ff5d_like"
                    """,
                ),
            ],
            state_operations=[
                migrations.AlterField(
                    model_name='map',
                    name='code',
                    field=models.CharField(
                        db_column='Code of it',
                        db_index=True,
                        max_length=30,
                    ),
                ),
            ],
        ),
    ]
