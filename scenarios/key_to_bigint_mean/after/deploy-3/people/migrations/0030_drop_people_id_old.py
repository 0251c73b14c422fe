from django.db import migrations


# Deploy 3 of 3 of what was 0002_big_keys. No running code knows id_old any more.
class Migration(migrations.Migration):
    dependencies = [
        ("people", "0029_fill_people_groups_person_id_old"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '2s'",
                'DROP TRIGGER "sync_id_old_of_People" ON "People"',
                'DROP FUNCTION "sync_id_old_of_People"()',
                'ALTER TABLE "People" DROP COLUMN "id_old"',
            ],
            reverse_sql=[
                "SET LOCAL lock_timeout = '2s'",
                'ALTER TABLE "People" ADD COLUMN "id_old" integer',
                """
                    CREATE OR REPLACE FUNCTION
                        "sync_id_old_of_People"() RETURNS trigger
                        LANGUAGE plpgsql AS $$
                    BEGIN
                        BEGIN
                            NEW."id_old" := NEW."id"::integer;
                        EXCEPTION WHEN data_exception THEN
                            NEW."id_old" := NULL;
                        END;
                        RETURN NEW;
                    END
                    $$
                """,
                """
                    CREATE TRIGGER "sync_id_old_of_People" BEFORE
                        INSERT OR UPDATE ON "People"
                    FOR EACH ROW EXECUTE PROCEDURE
                        "sync_id_old_of_People"()
                """,
            ],
        ),
    ]
