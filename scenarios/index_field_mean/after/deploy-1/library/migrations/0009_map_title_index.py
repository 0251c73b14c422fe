from django.db import migrations, models


# Built concurrently, so that nobody waits; what is left of a build that failed is
# dropped first.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('library', '0008_map_title'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    sql=[
                        """
                            DROP INDEX CONCURRENTLY IF EXISTS
                                "library_map_title_8ce2e97d"
                        """,
                        """
                            CREATE INDEX CONCURRENTLY
                                "library_map_title_8ce2e97d" ON "library_map"
                                ("title")
                        """,
                    ],
                    reverse_sql="""
                        DROP INDEX CONCURRENTLY IF EXISTS
                            "library_map_title_8ce2e97d"
                    """,
                ),
                migrations.RunSQL(
                    sql=[
                        """
                            DROP INDEX CONCURRENTLY IF EXISTS
                                "library_map_title_8ce2e97d_like"
                        """,
                        """
                            CREATE INDEX CONCURRENTLY
                                "library_map_title_8ce2e97d_like" ON
                                "library_map" ("title" varchar_pattern_ops)
                        """,
                    ],
                    reverse_sql="""
                        DROP INDEX CONCURRENTLY IF EXISTS
                            "library_map_title_8ce2e97d_like"
                    """,
                ),
            ],
            state_operations=[
                migrations.AlterField(
                    model_name='map',
                    name='title',
                    field=models.CharField(db_index=True, max_length=60),
                ),
            ],
        ),
    ]
