from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


# Built concurrently, so that nobody waits; what is left of a build that failed is
# dropped first.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("rooms", "0002_no_overlaps_expand"),
    ]

    operations = [
        migrations.RunSQL(
            sql="""
                DROP INDEX CONCURRENTLY IF EXISTS
                    "Bookings by note"
            """,
            reverse_sql=migrations.RunSQL.noop,
        ),
        AddIndexConcurrently(
            model_name="booking",
            index=models.Index(fields=["note"], name="Bookings by note"),
        ),
    ]
