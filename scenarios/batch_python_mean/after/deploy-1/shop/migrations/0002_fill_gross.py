import logging

from django.db import migrations
from django.db.models import F

DEFAULT_TAX = 19


logger = logging.getLogger(__name__)


def fill_gross(apps, schema_editor):
    """Net prices were enough until there were customers who are no companies."""
    products = apps.get_model("shop", "Product")._default_manager.using(schema_editor.connection.alias)
    rows = products.filter(gross__isnull=True)
    rest, done = rows.order_by("pk"), 0
    while keys := list(rest.values_list("pk", flat=True)[:1000]):
        rows.filter(pk__in=keys).update(gross=F("price") + DEFAULT_TAX)
        done += len(keys)
        logger.info("fill_gross: %s rows, up to %s", done, keys[-1])
        rest = rows.filter(pk__gt=keys[-1]).order_by("pk")


# Batches of 1,000 rows in the order of the primary key, each in a transaction of its
# own: it can be stopped, and run again.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('crm', '0001_initial'),
        ('shop', '0001_initial'),
    ]

    operations = [
        migrations.RunPython(fill_gross, migrations.RunPython.noop, elidable=True),
    ]
