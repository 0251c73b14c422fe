from django.db import migrations


# Deploy 1 of 2 of what was 0002_customer.
class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0005_rename_crm_client_to_crm_customer"),
    ]

    operations = [
        migrations.CreateModel(
            name="Gold",
            fields=[],
            options={"proxy": True, "indexes": [], "constraints": []},
            bases=("crm.customer",),
        ),
    ]
