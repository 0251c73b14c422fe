from django.db import migrations


# Deploy 2 of 2 of what was 0002_no_relations. Locks Person too, for a moment; if that
# is not to be had soon, this fails: try again.
class Migration(migrations.Migration):
    dependencies = [
        ('people', '0009_drop_person_friends'),
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
                    ALTER TABLE "people_stay"
                    DROP CONSTRAINT IF EXISTS
                        "people_stay_person_id_ed0451d6_fk_Person_id"
                """,
            ],
            reverse_sql=[
                "SET LOCAL lock_timeout = '250ms'",
                """
                    ALTER TABLE "people_stay"
                    ADD CONSTRAINT
                        "people_stay_person_id_ed0451d6_fk_Person_id"
                        FOREIGN KEY ("person_id") REFERENCES
                        "people"."Person" ("id") ON DELETE CASCADE
                        DEFERRABLE INITIALLY DEFERRED NOT VALID
                """,
            ],
        ),
    ]
