from django.db import migrations


# Deploy 1 of 4 of what was 0002_indexes.
class Migration(migrations.Migration):
    dependencies = [
        ("theatre", "0001_initial"),
    ]

    operations = [
        migrations.RenameIndex(
            model_name="seat",
            new_name="seat_place",
            old_fields=("row", "number"),
        ),
        migrations.RenameIndex(
            model_name="box",
            new_name="box_place",
            old_fields=("row", "number"),
        ),
    ]
