from django.db import migrations


# Deploy 3 of 3 of what was 0002_big_keys. No running code knows person_id_old any more.
class Migration(migrations.Migration):
    dependencies = [
        ("people", "0032_drop_people_member_person_ptr_id_old"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    DROP TRIGGER "sync_person_id_old_of_cards_card" ON
                        "cards_card"
                """,
                'DROP FUNCTION "sync_person_id_old_of_cards_card"()',
                """
                    ALTER TABLE "cards_card"
                    DROP COLUMN "person_id_old"
                """,
            ],
            reverse_sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    ALTER TABLE "cards_card"
                    ADD COLUMN "person_id_old" integer
                """,
                """
                    CREATE OR REPLACE FUNCTION
                        "sync_person_id_old_of_cards_card"() RETURNS
                        trigger LANGUAGE plpgsql AS $$
                    BEGIN
                        BEGIN
                            NEW."person_id_old" := NEW."person_id"::integer;
                        EXCEPTION WHEN data_exception THEN
                            NEW."person_id_old" := NULL;
                        END;
                        RETURN NEW;
                    END
                    $$
                """,
                """
                    CREATE TRIGGER "sync_person_id_old_of_cards_card"
                        BEFORE INSERT OR UPDATE ON "cards_card"
                    FOR EACH ROW EXECUTE PROCEDURE
                        "sync_person_id_old_of_cards_card"()
                """,
            ],
        ),
    ]
