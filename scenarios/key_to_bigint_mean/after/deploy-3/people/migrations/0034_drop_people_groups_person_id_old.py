from django.db import migrations


# Deploy 3 of 3 of what was 0002_big_keys. No running code knows person_id_old any more.
class Migration(migrations.Migration):
    dependencies = [
        ("people", "0033_drop_cards_card_person_id_old"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    DROP TRIGGER "sync_person_id_old_of_People_groups"
                        ON "People_groups"
                """,
                """
                    DROP FUNCTION
                        "sync_person_id_old_of_People_groups"()
                """,
                """
                    ALTER TABLE "People_groups"
                    DROP COLUMN "person_id_old"
                """,
            ],
            reverse_sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    ALTER TABLE "People_groups"
                    ADD COLUMN "person_id_old" integer
                """,
                """
                    CREATE OR REPLACE FUNCTION
                        "sync_person_id_old_of_People_groups"()
                        RETURNS trigger LANGUAGE plpgsql AS $$
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
                    CREATE TRIGGER
                        "sync_person_id_old_of_People_groups" BEFORE
                        INSERT OR UPDATE ON "People_groups"
                    FOR EACH ROW EXECUTE PROCEDURE
                        "sync_person_id_old_of_People_groups"()
                """,
            ],
        ),
    ]
