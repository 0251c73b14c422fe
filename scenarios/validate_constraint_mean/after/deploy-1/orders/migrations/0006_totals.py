from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ('orders', '0005_validate_not_too_low'),
    ]

    operations = [
        AddConstraintNotValid(
            model_name='order',
            constraint=models.CheckConstraint(
                condition=models.Q(tax__isnull=True) | models.Q(tax__gte=-100000),
                name="Tax's sign",
            ),
        ),
    ]
