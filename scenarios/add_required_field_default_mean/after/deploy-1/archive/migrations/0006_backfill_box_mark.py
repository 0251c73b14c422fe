import logging

from django.contrib.postgres.functions import RandomUUID
from django.db import migrations

logger = logging.getLogger(__name__)


def fill_mark(apps, schema_editor):
    """Fill empty rows in batches that commit by themselves: can be stopped, and run again."""
    Box = apps.get_model("archive", "Box")
    rows = Box._base_manager.using(schema_editor.connection.alias)
    rest, done = rows.order_by("pk"), 0
    while keys := list(rest.values_list("pk", flat=True)[:1000]):
        batch = rows.filter(pk__gte=keys[0], pk__lte=keys[-1])
        batch.filter(mark__isnull=True).update(mark=RandomUUID())
        done += len(keys)
        logger.info("fill_mark: %s rows, up to %s", done, keys[-1])
        rest = rows.filter(pk__gt=keys[-1]).order_by("pk")


# Deploy 1 of 2 of what was 0002_traced. Each batch commits by itself and changes only
# rows that are still empty, so that nothing is lost that code writes meanwhile.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("archive", "0005_box_mark_unique"),
    ]

    operations = [
        migrations.RunPython(fill_mark, migrations.RunPython.noop, elidable=True),
    ]
