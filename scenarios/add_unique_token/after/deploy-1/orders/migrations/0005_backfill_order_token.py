import logging

from django.contrib.postgres.functions import RandomUUID
from django.db import migrations

logger = logging.getLogger(__name__)


def fill_token(apps, schema_editor):
    """Fill empty rows in batches that commit by themselves: can be stopped, and run again."""
    Order = apps.get_model("orders", "Order")
    rows = Order._base_manager.using(schema_editor.connection.alias)
    rest, done = rows.order_by("pk"), 0
    while keys := list(rest.values_list("pk", flat=True)[:1000]):
        batch = rows.filter(pk__gte=keys[0], pk__lte=keys[-1])
        batch.filter(token__isnull=True).update(token=RandomUUID())
        done += len(keys)
        logger.info("fill_token: %s rows, up to %s", done, keys[-1])
        rest = rows.filter(pk__gt=keys[-1]).order_by("pk")


# Each batch commits by itself and changes only rows that are still empty, so that
# nothing is lost that code writes meanwhile.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("orders", "0004_order_token_unique"),
    ]

    operations = [
        migrations.RunPython(fill_token, migrations.RunPython.noop, elidable=True),
    ]
