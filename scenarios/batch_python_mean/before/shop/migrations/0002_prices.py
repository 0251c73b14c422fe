from django.db import migrations
from django.db.models import F

DEFAULT_TAX = 19


def fill_gross(apps, schema_editor):
    """Net prices were enough until there were customers who are no companies."""
    products = apps.get_model("shop", "Product")._default_manager.using(schema_editor.connection.alias)
    products.filter(gross__isnull=True).update(gross=F("price") + DEFAULT_TAX)


def no_notes(apps, schema_editor):
    Product = apps.get_model("shop", "Product")
    db_alias = schema_editor.connection.alias
    for product in Product.objects.using(db_alias).filter(note="").iterator():
        product.note = None
        product.save(update_fields=["note"])


def forget(apps, schema_editor):
    Rate = apps.get_model("crm", "Rate")
    Rate.objects.filter(code="XXX").delete()


class Migration(migrations.Migration):

    dependencies = [
        ('crm', '0001_initial'),
        ('shop', '0001_initial'),
    ]

    operations = [
        migrations.RunPython(fill_gross, migrations.RunPython.noop, elidable=True),
        migrations.RunPython(code=no_notes, reverse_code=migrations.RunPython.noop, hints={"model_name": "product"}),
        migrations.RunPython(forget),
    ]
