from django.db import migrations


# Deploy 2 of 3 of what was 0002_party_user. Code of this release knows user only, code
# of the one before vat: both are there.
class Migration(migrations.Migration):
    dependencies = [
        ("parties", "0006_party_user_not_null"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RenameField(
                    model_name="party",
                    old_name="vat",
                    new_name="user",
                ),
            ],
        ),
    ]
