from django.db import migrations


# Deploy 1 of 3 of what was 0002_columns. Indexes and constraints as the column has
# them, made while everybody reads and writes; if that fails, try again.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("shipping", "0006_fill_parcels_2009_destination_id"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                """
                    DROP INDEX CONCURRENTLY IF EXISTS
                        "depot"."Parcels 2009_Ship-To_53800aba_new"
                """,
                """
                    CREATE INDEX CONCURRENTLY
                        "Parcels 2009_Ship-To_53800aba_new"
                    ON "depot"."Parcels 2009" ("destination_id")
                """,
            ],
            reverse_sql="""
                DROP INDEX CONCURRENTLY IF EXISTS
                    "depot"."Parcels 2009_Ship-To_53800aba_new"
            """,
        ),
    ]
