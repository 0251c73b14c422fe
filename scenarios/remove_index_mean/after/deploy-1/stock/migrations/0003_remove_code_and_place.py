from django.db import migrations


# Dropped concurrently, so that nobody waits; if that fails, try again.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('stock', '0002_remove_one_unsold_of_a_code'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    sql='DROP INDEX CONCURRENTLY IF EXISTS "Code and place"',
                    reverse_sql=[
                        'DROP INDEX CONCURRENTLY IF EXISTS "Code and place"',
                        """
                            CREATE UNIQUE INDEX CONCURRENTLY "Code and place"
                            ON "All Items" ((lower(code)), "place")
                        """,
                    ],
                ),
            ],
            state_operations=[
                migrations.RemoveConstraint(
                    model_name='item',
                    name='Code and place',
                ),
            ],
        ),
    ]
