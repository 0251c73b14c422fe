from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


# Deploy 2 of 4 of what was 0002_indexes. Built concurrently, so that nobody waits; what
# is left of a build that failed is dropped first.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("theatre", "0003_seat_index_together"),
    ]

    operations = [
        migrations.RunSQL(
            sql='DROP INDEX CONCURRENTLY IF EXISTS "Seats by price"',
            reverse_sql=migrations.RunSQL.noop,
        ),
        AddIndexConcurrently(
            model_name="seat",
            index=models.Index(fields=["price", "-row"], name="Seats by price"),
        ),
    ]
