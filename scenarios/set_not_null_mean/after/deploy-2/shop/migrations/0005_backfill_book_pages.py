import logging

from django.db import migrations

logger = logging.getLogger(__name__)


def fill_pages(apps, schema_editor):
    """Fill empty rows in batches that commit by themselves: can be stopped, and run again."""
    Book = apps.get_model("shop", "Book")
    rows = Book._base_manager.using(schema_editor.connection.alias)
    rest, done = rows.order_by("pk"), 0
    while keys := list(rest.values_list("pk", flat=True)[:1000]):
        batch = rows.filter(pk__gte=keys[0], pk__lte=keys[-1])
        batch.filter(pages__isnull=True).update(pages=1)
        done += len(keys)
        logger.info("fill_pages: %s rows, up to %s", done, keys[-1])
        rest = rows.filter(pk__gt=keys[-1]).order_by("pk")


# Deploy 2 of 3 of what was 0002_required. Each batch commits by itself and changes only
# rows that are still empty, so that nothing is lost that code writes meanwhile.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("shop", "0004_backfill_article_price"),
    ]

    operations = [
        migrations.RunPython(fill_pages, migrations.RunPython.noop, elidable=True),
    ]
