from django.db import migrations


# Deploy 1 of 3 of what was 0002_columns. Foreign keys are checked while everybody reads
# and writes; if that fails, try again.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("shipping", "0007_parcel_destination_indexes"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                """
                    SET LOCAL lock_timeout = '250ms';
                    ALTER TABLE "depot"."Parcels 2009"
                    DROP CONSTRAINT IF EXISTS
                        "Parcels 2009_Ship-To_53800aba_fk_Places_id_new"
                """,
                """
                    SET LOCAL lock_timeout = '250ms';
                    ALTER TABLE "depot"."Parcels 2009"
                    ADD CONSTRAINT
                        "Parcels 2009_Ship-To_53800aba_fk_Places_id_new"
                        FOREIGN KEY ("destination_id") REFERENCES
                        "Places" ("id") DEFERRABLE INITIALLY DEFERRED
                        NOT VALID
                """,
                """
                    ALTER TABLE "depot"."Parcels 2009"
                    VALIDATE CONSTRAINT
                        "Parcels 2009_Ship-To_53800aba_fk_Places_id_new"
                """,
            ],
            reverse_sql=[
                """
                    ALTER TABLE "depot"."Parcels 2009"
                    VALIDATE CONSTRAINT
                        "Parcels 2009_Ship-To_53800aba_fk_Places_id"
                """,
                """
                    SET LOCAL lock_timeout = '250ms';
                    ALTER TABLE "depot"."Parcels 2009"
                    DROP CONSTRAINT IF EXISTS
                        "Parcels 2009_Ship-To_53800aba_fk_Places_id_new"
                """,
            ],
        ),
    ]
