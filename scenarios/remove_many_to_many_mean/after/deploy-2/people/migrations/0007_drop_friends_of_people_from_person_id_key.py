from django.db import migrations


# Deploy 2 of 2 of what was 0002_no_relations. Locks Person too, for a moment; if that
# is not to be had soon, this fails: try again.
class Migration(migrations.Migration):
    dependencies = [
        ('people', '0006_remove_stay'),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '250ms'",
                """
                    LOCK TABLE "people"."Person" IN ACCESS EXCLUSIVE
                        MODE
                """,
                """
                    ALTER TABLE "people"."Friends of People"
                    DROP CONSTRAINT IF EXISTS
                        "Friends of People_from_person_id_14973a3d_fk_Person_id"
                """,
            ],
            reverse_sql=[
                "SET LOCAL lock_timeout = '250ms'",
                """
                    ALTER TABLE "people"."Friends of People"
                    ADD CONSTRAINT
                        "Friends of People_from_person_id_14973a3d_fk_Person_id"
                        FOREIGN KEY ("from_person_id") REFERENCES
                        "people"."Person" ("id") ON DELETE CASCADE
                        DEFERRABLE INITIALLY DEFERRED NOT VALID
                """,
            ],
        ),
    ]
