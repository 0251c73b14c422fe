from django.db import migrations


# The name changes in Python only: in the database it stays crm_client, so no SQL is
# run.
class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0001_initial"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterModelTable(name="client", table="crm_client"),
                migrations.RenameModel(
                    old_name="Client",
                    new_name="Customer",
                ),
            ],
        ),
    ]
