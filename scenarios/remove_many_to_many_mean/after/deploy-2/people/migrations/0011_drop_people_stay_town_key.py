from django.db import migrations


# Deploy 2 of 2 of what was 0002_no_relations. Locks places_town too, for a moment; if
# that is not to be had soon, this fails: try again.
class Migration(migrations.Migration):
    dependencies = [
        ('people', '0010_drop_people_stay_person_id_key'),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '250ms'",
                'LOCK TABLE "places_town" IN ACCESS EXCLUSIVE MODE',
                """
                    ALTER TABLE "people_stay"
                    DROP CONSTRAINT IF EXISTS
                        "people_stay_Town_26cf1004_fk_places_town_id"
                """,
            ],
            reverse_sql=[
                "SET LOCAL lock_timeout = '250ms'",
                """
                    ALTER TABLE "people_stay"
                    ADD CONSTRAINT
                        "people_stay_Town_26cf1004_fk_places_town_id"
                        FOREIGN KEY ("Town") REFERENCES "places_town"
                        ("id") ON DELETE CASCADE DEFERRABLE INITIALLY
                        DEFERRED NOT VALID
                """,
            ],
        ),
    ]
