from django.db import migrations, models


# Deploy 1 of 3 of what was 0002_order_note_required. New rows get the default; nothing
# is NOT NULL yet.
class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0001_initial"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name="order",
                    name="note",
                    field=models.TextField(blank=True, default="", null=True),
                ),
            ],
        ),
    ]
