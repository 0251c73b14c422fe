from django.db import migrations, models


# Deploy 1 of 3 of what was 0002_crates. Built concurrently, so that nobody waits; what
# is left of a build that failed is dropped first.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('depot', '0001_initial'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    sql=[
                        """
                            DROP INDEX CONCURRENTLY IF EXISTS
                                "depot"."Crates by code"
                        """,
                        """
                            CREATE INDEX CONCURRENTLY "Crates by code" ON
                                depot."All Crates" (code)
                        """,
                    ],
                    reverse_sql="""
                        DROP INDEX CONCURRENTLY IF EXISTS
                            "depot"."Crates by code"
                    """,
                ),
            ],
            state_operations=[
                migrations.AddIndex(
                    model_name='crate',
                    index=models.Index(fields=['code'], name='Crates by code'),
                ),
            ],
        ),
    ]
