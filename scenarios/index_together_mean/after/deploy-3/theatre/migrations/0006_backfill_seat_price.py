import logging

from django.db import migrations

logger = logging.getLogger(__name__)


def fill_price(apps, schema_editor):
    """Fill empty rows in batches that commit by themselves: can be stopped, and run again."""
    Seat = apps.get_model("theatre", "Seat")
    rows = Seat._base_manager.using(schema_editor.connection.alias)
    rest, done = rows.order_by("pk"), 0
    while keys := list(rest.values_list("pk", flat=True)[:1000]):
        batch = rows.filter(pk__gte=keys[0], pk__lte=keys[-1])
        batch.filter(price__isnull=True).update(price=0)
        done += len(keys)
        logger.info("fill_price: %s rows, up to %s", done, keys[-1])
        rest = rows.filter(pk__gt=keys[-1]).order_by("pk")


# Deploy 3 of 4 of what was 0003_required. Each batch commits by itself and changes only
# rows that are still empty, so that nothing is lost that code writes meanwhile.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("theatre", "0005_seat_price_default"),
    ]

    operations = [
        migrations.RunPython(fill_price, migrations.RunPython.noop, elidable=True),
    ]
