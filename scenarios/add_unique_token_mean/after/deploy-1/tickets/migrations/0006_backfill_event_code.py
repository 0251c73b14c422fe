import logging

from django.db import migrations

logger = logging.getLogger(__name__)


def fill_code(apps, schema_editor):
    """Fill empty rows in batches that commit by themselves: can be stopped, and run again."""
    Event = apps.get_model("tickets", "Event")
    rows = Event._base_manager.using(schema_editor.connection.alias)
    rest, done = rows.order_by("pk"), 0
    while keys := list(rest.values_list("pk", flat=True)[:1000]):
        filled = [Event(pk=key, code=Event._meta.get_field("code").get_default()) for key in keys]
        rows.filter(code__isnull=True).bulk_update(filled, ["code"])
        done += len(keys)
        logger.info("fill_code: %s rows, up to %s", done, keys[-1])
        rest = rows.filter(pk__gt=keys[-1]).order_by("pk")


# Each batch commits by itself and changes only rows that are still empty, so that
# nothing is lost that code writes meanwhile.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("tickets", "0005_event_code_unique"),
    ]

    operations = [
        migrations.RunPython(fill_code, migrations.RunPython.noop, elidable=True),
    ]
