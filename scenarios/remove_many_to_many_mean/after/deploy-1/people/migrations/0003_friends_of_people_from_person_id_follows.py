from django.db import migrations


# Deploy 1 of 2 of what was 0002_no_relations. Locks Person too, for a moment. New code
# may delete rows of Person, and does not know that Friends of People refers to them:
# the database deletes those too.
class Migration(migrations.Migration):
    dependencies = [
        ('people', '0002_no_relations_expand'),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '250ms'",
                """
                    ALTER TABLE "people"."Friends of People"
                    DROP CONSTRAINT IF EXISTS
                        "Friends of People_from_person_id_14973a3d_fk_Person_id",
                    ADD CONSTRAINT
                        "Friends of People_from_person_id_14973a3d_fk_Person_id"
                        FOREIGN KEY ("from_person_id") REFERENCES
                        "people"."Person" ("id") ON DELETE CASCADE
                        DEFERRABLE INITIALLY DEFERRED NOT VALID
                """,
            ],
            reverse_sql=[
                "SET LOCAL lock_timeout = '250ms'",
                """
                    ALTER TABLE "people"."Friends of People"
                    DROP CONSTRAINT IF EXISTS
                        "Friends of People_from_person_id_14973a3d_fk_Person_id",
                    ADD CONSTRAINT
                        "Friends of People_from_person_id_14973a3d_fk_Person_id"
                        FOREIGN KEY ("from_person_id") REFERENCES
                        "people"."Person" ("id") DEFERRABLE INITIALLY
                        DEFERRED
                """,
            ],
        ),
    ]
