from django.db import migrations


def fill_search_name(apps, schema_editor):
    Customer = apps.get_model("crm", "Customer")
    for customer in Customer.objects.filter(search_name=None):
        customer.search_name = customer.name.lower()
        customer.save()


class Migration(migrations.Migration):

    dependencies = [
        ('crm', '0001_initial'),
    ]

    operations = [
        migrations.RunPython(fill_search_name),
    ]
