from django.db import migrations


# Deploy 2 of 3 of what was 0002_columns. A CHECK that is validated while everybody
# reads and writes proves that no row is without a value; SET NOT NULL then reads no
# row. Each statement commits by itself; if one fails, try again.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("shipping", "0009_drop_foreign_key_of_parcels_2009"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "depot"."Parcels 2009"
                    DROP CONSTRAINT IF EXISTS
                        "customer_number_filled_Parcels 2009"
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "depot"."Parcels 2009"
                    ADD CONSTRAINT
                        "customer_number_filled_Parcels 2009" CHECK
                        ("customer_number" IS NOT NULL) NOT VALID
                """,
                """
                    ALTER TABLE "depot"."Parcels 2009"
                    VALIDATE CONSTRAINT
                        "customer_number_filled_Parcels 2009"
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "depot"."Parcels 2009"
                    ALTER COLUMN "customer_number" SET NOT NULL
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "depot"."Parcels 2009"
                    DROP CONSTRAINT
                        "customer_number_filled_Parcels 2009"
                """,
            ],
            reverse_sql=[
                """
                    ALTER TABLE "depot"."Parcels 2009"
                    ALTER COLUMN "customer_number" DROP NOT NULL
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "depot"."Parcels 2009"
                    DROP CONSTRAINT IF EXISTS
                        "Cust No_filled_Parcels 2009"
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "depot"."Parcels 2009"
                    ADD CONSTRAINT "Cust No_filled_Parcels 2009" CHECK
                        ("Cust No" IS NOT NULL) NOT VALID
                """,
                """
                    ALTER TABLE "depot"."Parcels 2009"
                    VALIDATE CONSTRAINT "Cust No_filled_Parcels 2009"
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "depot"."Parcels 2009"
                    ALTER COLUMN "Cust No" SET NOT NULL
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "depot"."Parcels 2009"
                    DROP CONSTRAINT "Cust No_filled_Parcels 2009"
                """,
            ],
        ),
    ]
