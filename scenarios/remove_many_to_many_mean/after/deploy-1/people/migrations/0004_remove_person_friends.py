from django.db import migrations


# Deploy 1 of 2 of what was 0002_no_relations. Leaves the models only: running code
# still uses Friends of People. Locks Person too, for a moment. New code may delete rows
# of Person, and does not know that Friends of People refers to them: the database
# deletes those too.
class Migration(migrations.Migration):
    dependencies = [
        ('people', '0003_friends_of_people_from_person_id_follows'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    sql=[
                        "SET LOCAL lock_timeout = '250ms'",
                        """
                            ALTER TABLE "people"."Friends of People"
                            DROP CONSTRAINT IF EXISTS
                                "Friends of People_to_person_id_ceab3edb_fk_Person_id",
                            ADD CONSTRAINT
                                "Friends of People_to_person_id_ceab3edb_fk_Person_id"
                                FOREIGN KEY ("to_person_id") REFERENCES
                                "people"."Person" ("id") ON DELETE CASCADE
                                DEFERRABLE INITIALLY DEFERRED NOT VALID
                        """,
                    ],
                    reverse_sql=[
                        "SET LOCAL lock_timeout = '250ms'",
                        """
                            ALTER TABLE "people"."Friends of People"
                            DROP CONSTRAINT IF EXISTS
                                "Friends of People_to_person_id_ceab3edb_fk_Person_id",
                            ADD CONSTRAINT
                                "Friends of People_to_person_id_ceab3edb_fk_Person_id"
                                FOREIGN KEY ("to_person_id") REFERENCES
                                "people"."Person" ("id") DEFERRABLE INITIALLY
                                DEFERRED
                        """,
                    ],
                ),
            ],
            state_operations=[
                migrations.RemoveField(
                    model_name='person',
                    name='friends',
                ),
            ],
        ),
    ]
