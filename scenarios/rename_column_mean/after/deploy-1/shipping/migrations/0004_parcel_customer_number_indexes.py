from django.db import migrations


# Deploy 1 of 3 of what was 0002_columns. Indexes and constraints as the column has
# them, made while everybody reads and writes; if that fails, try again.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("shipping", "0003_fill_parcels_2009_customer_number"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "depot"."Parcels 2009"
                    DROP CONSTRAINT IF EXISTS
                        "Parcels 2009_Cust No_key_new"
                """,
                """
                    DROP INDEX CONCURRENTLY IF EXISTS
                        "depot"."Parcels 2009_Cust No_key_new"
                """,
                """
                    CREATE UNIQUE INDEX CONCURRENTLY
                        "Parcels 2009_Cust No_key_new"
                    ON "depot"."Parcels 2009" ("customer_number")
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "depot"."Parcels 2009"
                    ADD CONSTRAINT "Parcels 2009_Cust No_key_new"
                        UNIQUE USING INDEX
                        "Parcels 2009_Cust No_key_new"
                """,
            ],
            reverse_sql="""
                SET LOCAL lock_timeout = '2s';
                ALTER TABLE "depot"."Parcels 2009"
                DROP CONSTRAINT IF EXISTS
                    "Parcels 2009_Cust No_key_new"
            """,
        ),
    ]
