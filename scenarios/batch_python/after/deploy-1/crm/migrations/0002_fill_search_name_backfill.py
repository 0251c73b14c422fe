import logging

from django.db import migrations, transaction

logger = logging.getLogger(__name__)


def fill_search_name(apps, schema_editor):
    Customer = apps.get_model("crm", "Customer")
    rows = Customer.objects.filter(search_name=None)
    rest, done = rows.order_by("pk"), 0
    while keys := list(rest.values_list("pk", flat=True)[:1000]):
        with transaction.atomic(using=rows.db):
            # Locked, so that nothing is lost that others write between reading and saving.
            list(rows.model._base_manager.using(rows.db).filter(pk__in=keys).select_for_update().values_list("pk"))
            changed = []
            for customer in rows.filter(pk__in=keys):
                customer.search_name = customer.name.lower()
                changed.append(customer)
            rows.model._base_manager.using(rows.db).bulk_update(changed, ["search_name"], batch_size=100)
        done += len(keys)
        logger.info("fill_search_name: %s rows, up to %s", done, keys[-1])
        rest = rows.filter(pk__gt=keys[-1]).order_by("pk")


# Batches of 1,000 rows in the order of the primary key, each in a transaction of its
# own: it can be stopped, and run again.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('crm', '0001_initial'),
    ]

    operations = [
        migrations.RunPython(fill_search_name, reverse_code=migrations.RunPython.noop),
    ]
