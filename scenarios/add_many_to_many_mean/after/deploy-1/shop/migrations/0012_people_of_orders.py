from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("shop", "0011_validate_packing_packed_by_foreign_key"),
    ]

    operations = [
        migrations.AddField(
            model_name="order",
            name="packers",
            field=models.ManyToManyField(related_name="packed", through="shop.Packing", to="people.person"),
        ),
    ]
