import logging

from django.db import migrations, transaction

logger = logging.getLogger(__name__)


def no_notes(apps, schema_editor):
    Product = apps.get_model("shop", "Product")
    db_alias = schema_editor.connection.alias
    rows = Product.objects.using(db_alias).filter(note="")
    rest, done = rows.order_by("pk"), 0
    while keys := list(rest.values_list("pk", flat=True)[:1000]):
        with transaction.atomic(using=rows.db):
            # Locked, so that nothing is lost that others write between reading and saving.
            list(rows.model._base_manager.using(rows.db).filter(pk__in=keys).select_for_update().values_list("pk"))
            changed = []
            for product in rows.filter(pk__in=keys):
                product.note = None
                changed.append(product)
            rows.model._base_manager.using(rows.db).bulk_update(changed, ["note"], batch_size=100)
        done += len(keys)
        logger.info("no_notes: %s rows, up to %s", done, keys[-1])
        rest = rows.filter(pk__gt=keys[-1]).order_by("pk")


# Batches of 1,000 rows in the order of the primary key, each in a transaction of its
# own: it can be stopped, and run again.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("shop", "0002_fill_gross"),
    ]

    operations = [
        migrations.RunPython(
            code=no_notes,
            reverse_code=migrations.RunPython.noop,
            hints={"model_name": "product"},
        ),
    ]
