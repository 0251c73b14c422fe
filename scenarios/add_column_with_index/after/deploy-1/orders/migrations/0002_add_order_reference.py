from django.db import migrations, models


# The column alone: what belongs to it is built and checked apart, while everybody reads
# and writes.
class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0001_initial"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    sql="""
                        ALTER TABLE "orders_order"
                        ADD COLUMN "reference" varchar(40)
                    """,
                    reverse_sql='ALTER TABLE "orders_order" DROP COLUMN "reference"',
                ),
            ],
            state_operations=[
                migrations.AddField(
                    model_name="order",
                    name="reference",
                    field=models.CharField(max_length=40, null=True, unique=True),
                ),
            ],
        ),
    ]
