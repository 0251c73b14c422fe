from django.contrib.postgres.operations import RemoveIndexConcurrently
from django.db import migrations


# Deploy 1 of 3 of what was 0002_party_user. Dropped concurrently, so that nobody waits;
# if that fails, try again. Going back first drops what is left of a build that failed.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("parties", "0001_initial"),
    ]

    operations = [
        RemoveIndexConcurrently(
            model_name="party",
            name="Parties by name",
        ),
        migrations.RunSQL(
            sql=migrations.RunSQL.noop,
            reverse_sql="""
                DROP INDEX CONCURRENTLY IF EXISTS
                    "Parties by name"
            """,
        ),
    ]
