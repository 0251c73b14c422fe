from django.db import migrations


# Deploy 3 of 3 of what was 0002_columns. What was there for the columns that go.
# Indexes are dropped concurrently, so that nobody waits; constraints in a moment; if
# that fails, try again.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("shipping", "0013_switch_parcels_2009_customer_number"),
    ]

    operations = [
        migrations.RunSQL(
            sql="""
                SET LOCAL lock_timeout = '2s';
                ALTER TABLE "depot"."Parcels 2009"
                DROP CONSTRAINT IF EXISTS
                    "Parcels 2009_Cust No_key_old"
            """,
            reverse_sql=[
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "depot"."Parcels 2009"
                    DROP CONSTRAINT IF EXISTS
                        "Parcels 2009_Cust No_key_old"
                """,
                """
                    DROP INDEX CONCURRENTLY IF EXISTS
                        "depot"."Parcels 2009_Cust No_key_old"
                """,
                """
                    CREATE UNIQUE INDEX CONCURRENTLY
                        "Parcels 2009_Cust No_key_old"
                    ON "depot"."Parcels 2009" ("Cust No")
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "depot"."Parcels 2009"
                    ADD CONSTRAINT "Parcels 2009_Cust No_key_old"
                        UNIQUE USING INDEX
                        "Parcels 2009_Cust No_key_old"
                """,
            ],
        ),
    ]
