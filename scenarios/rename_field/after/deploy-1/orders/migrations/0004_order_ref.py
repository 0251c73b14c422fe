from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


# Built concurrently, so that nobody waits; what is left of a build that failed is
# dropped first.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("orders", "0003_order_reference"),
    ]

    operations = [
        migrations.RunSQL(
            sql='DROP INDEX CONCURRENTLY IF EXISTS "order_ref"',
            reverse_sql=migrations.RunSQL.noop,
        ),
        AddIndexConcurrently(
            model_name="order",
            index=models.Index(fields=["reference"], name="order_ref"),
        ),
    ]
