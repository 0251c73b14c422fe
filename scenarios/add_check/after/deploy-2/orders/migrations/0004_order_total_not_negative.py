from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


# Deploy 2 of 2 of what was 0002_positive. Holds for new rows from now on; none of those
# that are there is read.
class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0003_validate_order_pieces_check"),
    ]

    operations = [
        migrations.RunSQL(
            sql="SET LOCAL lock_timeout = '2s'",
            reverse_sql=migrations.RunSQL.noop,
        ),
        AddConstraintNotValid(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(("total__gte", 0)),
                name="order_total_not_negative",
            ),
        ),
    ]
