from django.db import migrations


# Deploy 2 of 3 of what was 0002_parcel_weight.
class Migration(migrations.Migration):
    dependencies = [
        ("shipping", "0004_validate_parcel_not_empty"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    ALTER TABLE "shipping_parcel"
                    ALTER COLUMN "fee" SET DEFAULT 0
                """,
            ],
            reverse_sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    ALTER TABLE "shipping_parcel"
                    ALTER COLUMN "fee" DROP DEFAULT
                """,
            ],
        ),
    ]
