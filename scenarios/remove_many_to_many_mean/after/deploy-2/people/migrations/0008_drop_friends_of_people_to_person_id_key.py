from django.db import migrations


# Deploy 2 of 2 of what was 0002_no_relations. Locks Person too, for a moment; if that
# is not to be had soon, this fails: try again.
class Migration(migrations.Migration):
    dependencies = [
        ('people', '0007_drop_friends_of_people_from_person_id_key'),
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
                        "Friends of People_to_person_id_ceab3edb_fk_Person_id"
                """,
            ],
            reverse_sql=[
                "SET LOCAL lock_timeout = '250ms'",
                """
                    ALTER TABLE "people"."Friends of People"
                    ADD CONSTRAINT
                        "Friends of People_to_person_id_ceab3edb_fk_Person_id"
                        FOREIGN KEY ("to_person_id") REFERENCES
                        "people"."Person" ("id") ON DELETE CASCADE
                        DEFERRABLE INITIALLY DEFERRED NOT VALID
                """,
            ],
        ),
    ]
