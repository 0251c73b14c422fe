from django.db import migrations


# Deploy 1 of 2 of what was 0002_customer.
class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0001_initial"),
        ("billing", "0001_initial"),
    ]

    operations = [
        migrations.DeleteModel("Gold"),
    ]
