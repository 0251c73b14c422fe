from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


# Reads the rows while everybody keeps working, so not in a transaction that has locked
# the table for more.
class Migration(migrations.Migration):
    dependencies = [
        ('orders', '0006_totals'),
    ]

    operations = [
        ValidateConstraint(model_name='order', name="Tax's sign"),
    ]
