from django.contrib.postgres.operations import AddConstraintNotValid, ValidateConstraint
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0002_not_too_low'),
    ]

    operations = [
        migrations.AddField(
            model_name='order',
            name='tax',
            field=models.IntegerField(null=True),
        ),
        ValidateConstraint(model_name='order', name='Not too low'),
        AddConstraintNotValid(
            model_name='order',
            constraint=models.CheckConstraint(
                condition=models.Q(tax__isnull=True) | models.Q(tax__gte=-100000),
                name="Tax's sign",
            ),
        ),
        ValidateConstraint(model_name='order', name="Tax's sign"),
    ]
