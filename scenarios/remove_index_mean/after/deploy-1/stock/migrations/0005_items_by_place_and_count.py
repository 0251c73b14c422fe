from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


# Built concurrently, so that nobody waits; what is left of a build that failed is
# dropped first.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('stock', '0004_other_keys'),
    ]

    operations = [
        migrations.RunSQL(
            sql="""
                DROP INDEX CONCURRENTLY IF EXISTS
                    "Items by place and count"
            """,
            reverse_sql=migrations.RunSQL.noop,
        ),
        AddIndexConcurrently(
            model_name='item',
            index=models.Index(
                fields=['place', 'count'],
                name='Items by place and count',
            ),
        ),
    ]
