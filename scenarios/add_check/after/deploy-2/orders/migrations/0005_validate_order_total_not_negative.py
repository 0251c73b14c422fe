from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


# Deploy 2 of 2 of what was 0002_positive. Reads the rows while everybody keeps working,
# so not in the transaction that has added the constraint.
class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0004_order_total_not_negative"),
    ]

    operations = [
        ValidateConstraint(model_name="order", name="order_total_not_negative"),
    ]
