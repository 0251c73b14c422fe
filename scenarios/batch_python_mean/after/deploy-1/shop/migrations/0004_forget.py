from django.db import migrations


def forget(apps, schema_editor):
    Rate = apps.get_model("crm", "Rate")
    Rate.objects.filter(code="XXX").delete()


# Unapplied, it leaves the rows as they are.
class Migration(migrations.Migration):
    dependencies = [
        ("shop", "0003_no_notes"),
    ]

    operations = [
        migrations.RunPython(forget, reverse_code=migrations.RunPython.noop),
    ]
