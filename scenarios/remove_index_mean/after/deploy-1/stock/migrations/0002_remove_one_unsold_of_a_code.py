from django.db import migrations


# Dropped concurrently, so that nobody waits; if that fails, try again.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('stock', '0001_initial'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    sql="""
                        DROP INDEX CONCURRENTLY IF EXISTS
                            "One unsold of a code"
                    """,
                    reverse_sql=[
                        """
                            DROP INDEX CONCURRENTLY IF EXISTS
                                "One unsold of a code"
                        """,
                        """
                            CREATE UNIQUE INDEX CONCURRENTLY
                                "One unsold of a code"
                            ON "All Items" ("code")
                            WHERE NOT sold
                        """,
                    ],
                ),
            ],
            state_operations=[
                migrations.RemoveConstraint(
                    model_name='item',
                    name='One unsold of a code',
                ),
            ],
        ),
    ]
