from django.db import migrations


# Deploy 3 of 3 of what was 0002_big_keys. No running code knows Parent_old any more.
class Migration(migrations.Migration):
    dependencies = [
        ("people", "0030_drop_people_id_old"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    DROP TRIGGER "sync_Parent_old_of_People" ON
                        "People"
                """,
                'DROP FUNCTION "sync_Parent_old_of_People"()',
                'ALTER TABLE "People" DROP COLUMN "Parent_old"',
            ],
            reverse_sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    ALTER TABLE "People"
                    ADD COLUMN "Parent_old" integer
                """,
                """
                    CREATE OR REPLACE FUNCTION
                        "sync_Parent_old_of_People"() RETURNS trigger
                        LANGUAGE plpgsql AS $$
                    BEGIN
                        BEGIN
                            NEW."Parent_old" := NEW."Parent"::integer;
                        EXCEPTION WHEN data_exception THEN
                            NEW."Parent_old" := NULL;
                        END;
                        RETURN NEW;
                    END
                    $$
                """,
                """
                    CREATE TRIGGER "sync_Parent_old_of_People" BEFORE
                        INSERT OR UPDATE ON "People"
                    FOR EACH ROW EXECUTE PROCEDURE
                        "sync_Parent_old_of_People"()
                """,
            ],
        ),
    ]
