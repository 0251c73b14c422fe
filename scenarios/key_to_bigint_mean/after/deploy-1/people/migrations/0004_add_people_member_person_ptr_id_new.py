from django.db import migrations


# Deploy 1 of 3 of what was 0002_big_keys. Column person_ptr_id_new is to take the place
# of person_ptr_id. From here on a trigger gives it the same value in every row that is
# written, whichever release writes it.
class Migration(migrations.Migration):
    dependencies = [
        ("people", "0003_add_cards_card_person_id_new"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    ALTER TABLE "people_member"
                    ADD COLUMN "person_ptr_id_new" bigint
                """,
                """
                    CREATE OR REPLACE FUNCTION
                        "sync_person_ptr_id_new_of_people_member"()
                        RETURNS trigger LANGUAGE plpgsql AS $$
                    BEGIN
                        NEW."person_ptr_id_new" := NEW."person_ptr_id"::bigint;
                        RETURN NEW;
                    END
                    $$
                """,
                """
                    CREATE TRIGGER
                        "sync_person_ptr_id_new_of_people_member"
                        BEFORE INSERT OR UPDATE ON "people_member"
                    FOR EACH ROW EXECUTE PROCEDURE
                        "sync_person_ptr_id_new_of_people_member"()
                """,
            ],
            reverse_sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    DROP TRIGGER
                        "sync_person_ptr_id_new_of_people_member" ON
                        "people_member"
                """,
                """
                    DROP FUNCTION
                        "sync_person_ptr_id_new_of_people_member"()
                """,
                """
                    ALTER TABLE "people_member"
                    DROP COLUMN "person_ptr_id_new"
                """,
            ],
        ),
    ]
