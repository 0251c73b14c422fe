from django.db import migrations, models


# The name changes in Python only: in the database it stays orders_order.ref, so no SQL
# is run.
class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0002_remove_order_ref"),
    ]

    operations = [
        migrations.AlterField(
            model_name="order",
            name="ref",
            field=models.CharField(max_length=20, db_column="ref"),
        ),
        migrations.RenameField(
            model_name="order",
            old_name="ref",
            new_name="reference",
        ),
        migrations.AlterModelOptions(
            name="order",
            options={"ordering": ["reference"]},
        ),
    ]
