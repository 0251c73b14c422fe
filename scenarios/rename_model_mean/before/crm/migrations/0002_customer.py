from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0001_initial"),
        ("billing", "0001_initial"),
    ]

    operations = [
        migrations.DeleteModel("Gold"),
        migrations.RenameModel("Client", "Customer"),
        migrations.CreateModel(
            name="Gold",
            fields=[],
            options={"proxy": True, "indexes": [], "constraints": []},
            bases=("crm.customer",),
        ),
    ]
