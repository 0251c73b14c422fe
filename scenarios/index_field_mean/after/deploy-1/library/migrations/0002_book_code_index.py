from django.db import migrations, models


# Built concurrently, so that nobody waits; what is left of a build that failed is
# dropped first.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('library', '0001_initial'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    sql=[
                        """
                            DROP INDEX CONCURRENTLY IF EXISTS
                                "All Books_Code of it_cac83f39"
                        """,
                        """
                            CREATE INDEX CONCURRENTLY
                                "All Books_Code of it_cac83f39" ON "All Books"
                                ("Code of it")
                        """,
                    ],
                    reverse_sql="""
                        DROP INDEX CONCURRENTLY IF EXISTS
                            "All Books_Code of it_cac83f39"
                    """,
                ),
                migrations.RunSQL(
                    sql=[
                        """
                            DROP INDEX CONCURRENTLY IF EXISTS
                                "All Books_Code of it_cac83f39_like"
                        """,
                        """
                            CREATE INDEX CONCURRENTLY
                                "All Books_Code of it_cac83f39_like" ON
                                "All Books" ("Code of it" varchar_pattern_ops)
                        """,
                    ],
                    reverse_sql="""
                        DROP INDEX CONCURRENTLY IF EXISTS
                            "All Books_Code of it_cac83f39_like"
                    """,
                ),
            ],
            state_operations=[
                migrations.AlterField(
                    model_name='book',
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
