from django.db import migrations, models


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
        migrations.AlterIndexTogether(
            name="seat",
            index_together=set(),
        ),
        migrations.AddIndex(
            model_name="seat",
            index=models.Index(fields=["price", "-row"], name="Seats by price"),
        ),
    ]
