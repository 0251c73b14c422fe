from django.db import migrations


# Deploy 2 of 3 of what was 0002_parcel_weight. Holds for new rows from now on; none of
# those that are there is read.
class Migration(migrations.Migration):
    dependencies = [
        ("shipping", "0002_parcel_weight_expand"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    ALTER TABLE "shipping_parcel"
                    ADD CONSTRAINT "parcel_not_empty" CHECK (weight >=
                        0 OR code = '') NOT VALID
                """,
            ],
            reverse_sql="""
                ALTER TABLE "shipping_parcel"
                DROP CONSTRAINT "parcel_not_empty"
            """,
        ),
    ]
