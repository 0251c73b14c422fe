from django.db import migrations


# Deploy 1 of 2 of what was 0002_no_relations. Locks Person too, for a moment. New code
# may delete rows of Person, and does not know that people_stay refers to them: the
# database deletes those too.
class Migration(migrations.Migration):
    dependencies = [
        ('people', '0004_remove_person_friends'),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '250ms'",
                """
                    ALTER TABLE "people_stay"
                    DROP CONSTRAINT IF EXISTS
                        "people_stay_person_id_ed0451d6_fk_Person_id",
                    ADD CONSTRAINT
                        "people_stay_person_id_ed0451d6_fk_Person_id"
                        FOREIGN KEY ("person_id") REFERENCES
                        "people"."Person" ("id") ON DELETE CASCADE
                        DEFERRABLE INITIALLY DEFERRED NOT VALID
                """,
            ],
            reverse_sql=[
                "SET LOCAL lock_timeout = '250ms'",
                """
                    ALTER TABLE "people_stay"
                    DROP CONSTRAINT IF EXISTS
                        "people_stay_person_id_ed0451d6_fk_Person_id",
                    ADD CONSTRAINT
                        "people_stay_person_id_ed0451d6_fk_Person_id"
                        FOREIGN KEY ("person_id") REFERENCES
                        "people"."Person" ("id") DEFERRABLE INITIALLY
                        DEFERRED
                """,
            ],
        ),
    ]
