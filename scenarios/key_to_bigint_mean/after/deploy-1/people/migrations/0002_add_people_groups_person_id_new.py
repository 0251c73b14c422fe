from django.db import migrations


# Deploy 1 of 3 of what was 0002_big_keys. Column person_id_new is to take the place of
# person_id. From here on a trigger gives it the same value in every row that is
# written, whichever release writes it.
class Migration(migrations.Migration):
    dependencies = [
        ("people", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    ALTER TABLE "People_groups"
                    ADD COLUMN "person_id_new" bigint
                """,
                """
                    CREATE OR REPLACE FUNCTION
                        "sync_person_id_new_of_People_groups"()
                        RETURNS trigger LANGUAGE plpgsql AS $$
                    BEGIN
                        NEW."person_id_new" := NEW."person_id"::bigint;
                        RETURN NEW;
                    END
                    $$
                """,
                """
                    CREATE TRIGGER
                        "sync_person_id_new_of_People_groups" BEFORE
                        INSERT OR UPDATE ON "People_groups"
                    FOR EACH ROW EXECUTE PROCEDURE
                        "sync_person_id_new_of_People_groups"()
                """,
            ],
            reverse_sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    DROP TRIGGER "sync_person_id_new_of_People_groups"
                        ON "People_groups"
                """,
                """
                    DROP FUNCTION
                        "sync_person_id_new_of_People_groups"()
                """,
                """
                    ALTER TABLE "People_groups"
                    DROP COLUMN "person_id_new"
                """,
            ],
        ),
    ]
