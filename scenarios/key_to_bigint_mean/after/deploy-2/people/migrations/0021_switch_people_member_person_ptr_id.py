from django.db import migrations


# Deploy 2 of 3 of what was 0002_big_keys. Column person_ptr_id_new becomes
# person_ptr_id: only names change, which takes a moment.
class Migration(migrations.Migration):
    dependencies = [
        ("people", "0020_switch_cards_card_person_id"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
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
                    DROP CONSTRAINT "people_member_pkey"
                """,
                """
                    ALTER TABLE "people_member"
                    RENAME COLUMN "person_ptr_id" TO
                        "person_ptr_id_old"
                """,
                """
                    ALTER TABLE "people_member"
                    RENAME COLUMN "person_ptr_id_new" TO
                        "person_ptr_id"
                """,
                """
                    ALTER TABLE "people_member"
                    RENAME CONSTRAINT
                        "people_member_person_ptr_id_7bf484aa_fk_new"
                        TO "people_member_person_ptr_id_7bf484aa_fk"
                """,
                """
                    ALTER TABLE "people_member"
                    ADD CONSTRAINT "people_member_pkey" PRIMARY KEY
                        USING INDEX "people_member_pkey_new"
                """,
                """
                    ALTER TABLE "people_member"
                    ALTER COLUMN "person_ptr_id_old" DROP NOT NULL
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
            reverse_sql=[
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
                    DROP CONSTRAINT "people_member_pkey"
                """,
                """
                    ALTER TABLE "people_member"
                    RENAME COLUMN "person_ptr_id" TO
                        "person_ptr_id_new"
                """,
                """
                    ALTER TABLE "people_member"
                    RENAME COLUMN "person_ptr_id_old" TO
                        "person_ptr_id"
                """,
                """
                    ALTER TABLE "people_member"
                    ADD CONSTRAINT "people_member_pkey" PRIMARY KEY
                        USING INDEX "people_member_pkey_old"
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
        ),
    ]
