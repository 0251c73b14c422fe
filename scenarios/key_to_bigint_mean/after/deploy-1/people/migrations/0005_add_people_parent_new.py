from django.db import migrations


# Deploy 1 of 3 of what was 0002_big_keys. Column Parent_new is to take the place of
# Parent. From here on a trigger gives it the same value in every row that is written,
# whichever release writes it.
class Migration(migrations.Migration):
    dependencies = [
        ("people", "0004_add_people_member_person_ptr_id_new"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    ALTER TABLE "People"
                    ADD COLUMN "Parent_new" bigint
                """,
                """
                    CREATE OR REPLACE FUNCTION
                        "sync_Parent_new_of_People"() RETURNS trigger
                        LANGUAGE plpgsql AS $$
                    BEGIN
                        NEW."Parent_new" := NEW."Parent"::bigint;
                        RETURN NEW;
                    END
                    $$
                """,
                """
                    CREATE TRIGGER "sync_Parent_new_of_People" BEFORE
                        INSERT OR UPDATE ON "People"
                    FOR EACH ROW EXECUTE PROCEDURE
                        "sync_Parent_new_of_People"()
                """,
            ],
            reverse_sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    DROP TRIGGER "sync_Parent_new_of_People" ON
                        "People"
                """,
                'DROP FUNCTION "sync_Parent_new_of_People"()',
                'ALTER TABLE "People" DROP COLUMN "Parent_new"',
            ],
        ),
    ]
