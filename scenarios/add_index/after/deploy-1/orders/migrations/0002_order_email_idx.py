from django.db import migrations, models
from django.contrib.postgres.operations import AddIndexConcurrently





# Deploy 1: Built concurrently, so that nobody waits; what is left of a build that failed is dropped
# first.
class Migration(migrations.Migration):
    dependencies = [('orders', '0001_initial')]
    atomic = False
    operations = [
        migrations.RunSQL(sql='DROP INDEX CONCURRENTLY IF EXISTS "order_email_idx"', reverse_sql=migrations.RunSQL.noop),
        AddIndexConcurrently(
            model_name="order",
            index=models.Index(fields=["email"], name="order_email_idx"),
        ),
    ]
