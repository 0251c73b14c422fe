from django.db import migrations, models


# Deploy 2 of 3 of what was 0002_balance. Code of this release knows balance only, code
# of the one before bal: both are there.
class Migration(migrations.Migration):
    dependencies = [
        ("bank", "0004_account_balance_not_null"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name="account",
                    name="balance",
                    field=models.IntegerField(default=0),
                ),
            ],
        ),
    ]
