from django.db import migrations


# Deploy 2 of 3 of what was 0002_parcel_weight. Reads the rows while everybody keeps
# working, so not in the transaction that has added the constraint.
class Migration(migrations.Migration):
    dependencies = [
        ("shipping", "0003_parcel_not_empty"),
    ]

    operations = [
        migrations.RunSQL(
            sql="""
                ALTER TABLE "shipping_parcel"
                VALIDATE CONSTRAINT "parcel_not_empty"
            """,
            reverse_sql=migrations.RunSQL.noop,
        ),
    ]
