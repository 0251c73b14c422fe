from django.db import migrations


# Deploy 1 of 3 of what was 0002_big_keys. Column person_id_new is to take the place of
# person_id. From here on a trigger gives it the same value in every row that is
# written, whichever release writes it.
class Migration(migrations.Migration):
    dependencies = [
        ("people", "0002_add_people_groups_person_id_new"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    ALTER TABLE "cards_card"
                    ADD COLUMN "person_id_new" bigint
                """,
                """
                    CREATE OR REPLACE FUNCTION
                        "sync_person_id_new_of_cards_card"() RETURNS
                        trigger LANGUAGE plpgsql AS $$
                    BEGIN
                        NEW."person_id_new" := NEW."person_id"::bigint;
                        RETURN NEW;
                    END
                    $$
                """,
                """
                    CREATE TRIGGER "sync_person_id_new_of_cards_card"
                        BEFORE INSERT OR UPDATE ON "cards_card"
                    FOR EACH ROW EXECUTE PROCEDURE
                        "sync_person_id_new_of_cards_card"()
                """,
            ],
            reverse_sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    DROP TRIGGER "sync_person_id_new_of_cards_card" ON
                        "cards_card"
                """,
                'DROP FUNCTION "sync_person_id_new_of_cards_card"()',
                """
                    ALTER TABLE "cards_card"
                    DROP COLUMN "person_id_new"
                """,
            ],
        ),
    ]
