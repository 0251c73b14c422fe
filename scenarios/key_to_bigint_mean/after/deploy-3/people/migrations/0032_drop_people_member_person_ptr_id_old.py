from django.db import migrations


# Deploy 3 of 3 of what was 0002_big_keys. No running code knows person_ptr_id_old any
# more.
class Migration(migrations.Migration):
    dependencies = [
        ("people", "0031_drop_people_parent_old"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    DROP TRIGGER
                        "sync_person_ptr_id_old_of_people_member" ON
                        "people_member"
                """,
                """
                    DROP FUNCTION
                        "sync_person_ptr_id_old_of_people_member"()
                """,
                """
                    ALTER TABLE "people_member"
                    DROP COLUMN "person_ptr_id_old"
                """,
            ],
            reverse_sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    ALTER TABLE "people_member"
                    ADD COLUMN "person_ptr_id_old" integer
                """,
                """
                    CREATE OR REPLACE FUNCTION
                        "sync_person_ptr_id_old_of_people_member"()
                        RETURNS trigger LANGUAGE plpgsql AS $$
                    BEGIN
                        BEGIN
                            NEW."person_ptr_id_old" := NEW."person_ptr_id"::integer;
                        EXCEPTION WHEN data_exception THEN
                            NEW."person_ptr_id_old" := NULL;
                        END;
                        RETURN NEW;
                    END
                    $$
                """,
                """
                    CREATE TRIGGER
                        "sync_person_ptr_id_old_of_people_member"
                        BEFORE INSERT OR UPDATE ON "people_member"
                    FOR EACH ROW EXECUTE PROCEDURE
                        "sync_person_ptr_id_old_of_people_member"()
                """,
            ],
        ),
    ]
