from django.contrib.postgres.operations import RemoveIndexConcurrently
from django.db import migrations


# Dropped concurrently, so that nobody waits; if that fails, try again. Going back first
# drops what is left of a build that failed.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("orders", "0001_initial"),
    ]

    operations = [
        RemoveIndexConcurrently(
            model_name="order",
            name="order_ref",
        ),
        migrations.RunSQL(
            sql=migrations.RunSQL.noop,
            reverse_sql='DROP INDEX CONCURRENTLY IF EXISTS "order_ref"',
        ),
    ]
