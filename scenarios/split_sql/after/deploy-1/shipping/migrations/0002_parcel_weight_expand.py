from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


# Deploy 1 of 3 of what was 0002_parcel_weight. Built concurrently, so that nobody
# waits; what is left of a build that failed is dropped first.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("shipping", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(
            sql='DROP INDEX CONCURRENTLY IF EXISTS "parcel_weight"',
            reverse_sql=migrations.RunSQL.noop,
        ),
        AddIndexConcurrently(
            model_name="parcel",
            index=models.Index(fields=["weight"], name="parcel_weight"),
        ),
    ]
