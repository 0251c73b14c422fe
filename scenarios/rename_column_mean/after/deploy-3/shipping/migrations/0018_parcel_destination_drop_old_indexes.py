from django.db import migrations


# Deploy 3 of 3 of what was 0002_columns. What was there for the columns that go.
# Indexes are dropped concurrently, so that nobody waits; constraints in a moment; if
# that fails, try again.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("shipping", "0017_switch_parcels_2009_destination_id"),
    ]

    operations = [
        migrations.RunSQL(
            sql="""
                DROP INDEX CONCURRENTLY IF EXISTS
                    "depot"."Parcels 2009_Ship-To_53800aba_old"
            """,
            reverse_sql=[
                """
                    DROP INDEX CONCURRENTLY IF EXISTS
                        "depot"."Parcels 2009_Ship-To_53800aba_old"
                """,
                """
                    CREATE INDEX CONCURRENTLY
                        "Parcels 2009_Ship-To_53800aba_old"
                    ON "depot"."Parcels 2009" ("Ship-To")
                """,
            ],
        ),
    ]
