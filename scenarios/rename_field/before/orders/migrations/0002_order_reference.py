from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0001_initial"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="order",
            options={"ordering": ["reference"]},
        ),
        migrations.RemoveIndex(
            model_name="order",
            name="order_ref",
        ),
        migrations.RenameField(
            model_name="order",
            old_name="ref",
            new_name="reference",
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(fields=["reference"], name="order_ref"),
        ),
    ]
