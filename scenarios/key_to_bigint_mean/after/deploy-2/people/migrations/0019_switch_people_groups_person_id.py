from django.db import migrations


# Deploy 2 of 3 of what was 0002_big_keys. Column person_id_new becomes person_id: only
# names change, which takes a moment.
class Migration(migrations.Migration):
    dependencies = [
        ("people", "0018_person_id_not_null"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
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
                    ALTER INDEX "People_groups_person_id_012582ca"
                        RENAME TO
                        "People_groups_person_id_012582ca_old"
                """,
                """
                    ALTER TABLE "People_groups"
                    RENAME CONSTRAINT
                        "People_groups_person_id_group_id_1d52ae2b_uniq"
                        TO
                        "People_groups_person_id_group_id_1d52ae2b_uniq_old"
                """,
                """
                    ALTER TABLE "People_groups"
                    RENAME COLUMN "person_id" TO "person_id_old"
                """,
                """
                    ALTER TABLE "People_groups"
                    RENAME COLUMN "person_id_new" TO "person_id"
                """,
                """
                    ALTER INDEX "People_groups_person_id_012582ca_new"
                        RENAME TO "People_groups_person_id_012582ca"
                """,
                """
                    ALTER TABLE "People_groups"
                    RENAME CONSTRAINT
                        "People_groups_person_id_group_id_1d52ae2b_uniq_new"
                        TO
                        "People_groups_person_id_group_id_1d52ae2b_uniq"
                """,
                """
                    ALTER TABLE "People_groups"
                    RENAME CONSTRAINT
                        "People_groups_person_id_012582ca_fk_new" TO
                        "People_groups_person_id_012582ca_fk"
                """,
                """
                    ALTER TABLE "People_groups"
                    ALTER COLUMN "person_id_old" DROP NOT NULL
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
            reverse_sql=[
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
                    ALTER INDEX "People_groups_person_id_012582ca"
                        RENAME TO
                        "People_groups_person_id_012582ca_new"
                """,
                """
                    ALTER TABLE "People_groups"
                    RENAME CONSTRAINT
                        "People_groups_person_id_group_id_1d52ae2b_uniq"
                        TO
                        "People_groups_person_id_group_id_1d52ae2b_uniq_new"
                """,
                """
                    ALTER TABLE "People_groups"
                    RENAME COLUMN "person_id" TO "person_id_new"
                """,
                """
                    ALTER TABLE "People_groups"
                    RENAME COLUMN "person_id_old" TO "person_id"
                """,
                """
                    ALTER INDEX "People_groups_person_id_012582ca_old"
                        RENAME TO "People_groups_person_id_012582ca"
                """,
                """
                    ALTER TABLE "People_groups"
                    RENAME CONSTRAINT
                        "People_groups_person_id_group_id_1d52ae2b_uniq_old"
                        TO
                        "People_groups_person_id_group_id_1d52ae2b_uniq"
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
        ),
    ]
