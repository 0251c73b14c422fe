from django.contrib.postgres.operations import RemoveIndexConcurrently
from django.db import migrations


# Dropped concurrently, so that nobody waits.
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
    ]
