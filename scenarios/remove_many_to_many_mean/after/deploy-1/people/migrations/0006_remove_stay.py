from django.db import migrations


# Deploy 1 of 2 of what was 0002_no_relations. Leaves the models only: running code
# still uses people_stay. Locks places_town too, for a moment. New code may delete rows
# of places_town, and does not know that people_stay refers to them: the database
# deletes those too.
class Migration(migrations.Migration):
    dependencies = [
        ('people', '0005_people_stay_person_id_follows'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    sql=[
                        "SET LOCAL lock_timeout = '250ms'",
                        """
                            ALTER TABLE "people_stay"
                            DROP CONSTRAINT IF EXISTS
                                "people_stay_Town_26cf1004_fk_places_town_id",
                            ADD CONSTRAINT
                                "people_stay_Town_26cf1004_fk_places_town_id"
                                FOREIGN KEY ("Town") REFERENCES "places_town"
                                ("id") ON DELETE CASCADE DEFERRABLE INITIALLY
                                DEFERRED NOT VALID
                        """,
                    ],
                    reverse_sql=[
                        "SET LOCAL lock_timeout = '250ms'",
                        """
                            ALTER TABLE "people_stay"
                            DROP CONSTRAINT IF EXISTS
                                "people_stay_Town_26cf1004_fk_places_town_id",
                            ADD CONSTRAINT
                                "people_stay_Town_26cf1004_fk_places_town_id"
                                FOREIGN KEY ("Town") REFERENCES "places_town"
                                ("id") DEFERRABLE INITIALLY DEFERRED
                        """,
                    ],
                ),
            ],
            state_operations=[
                migrations.DeleteModel(
                    name='Stay',
                ),
            ],
        ),
    ]
