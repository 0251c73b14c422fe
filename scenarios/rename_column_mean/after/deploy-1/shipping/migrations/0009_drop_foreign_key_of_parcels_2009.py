from django.db import migrations


# Deploy 1 of 3 of what was 0002_columns. The column that goes needs no foreign key any
# more: the trigger gives it the value of the other, which has one. It is dropped alone,
# since both tables are locked for a moment: this gives up soon if they are not to be
# had; then try again.
class Migration(migrations.Migration):
    dependencies = [
        ("shipping", "0008_parcel_destination_foreign_keys"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '250ms'",
                """
                    ALTER TABLE "depot"."Parcels 2009"
                    DROP CONSTRAINT
                        "Parcels 2009_Ship-To_53800aba_fk_Places_id"
                """,
            ],
            reverse_sql=[
                "SET LOCAL lock_timeout = '250ms'",
                """
                    ALTER TABLE "depot"."Parcels 2009"
                    ADD CONSTRAINT
                        "Parcels 2009_Ship-To_53800aba_fk_Places_id"
                        FOREIGN KEY ("Ship-To") REFERENCES "Places"
                        ("id") DEFERRABLE INITIALLY DEFERRED NOT VALID
                """,
            ],
        ),
    ]
