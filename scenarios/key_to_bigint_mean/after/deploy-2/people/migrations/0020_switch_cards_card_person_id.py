from django.db import migrations


# Deploy 2 of 3 of what was 0002_big_keys. Column person_id_new becomes person_id: only
# names change, which takes a moment.
class Migration(migrations.Migration):
    dependencies = [
        ("people", "0019_switch_people_groups_person_id"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    DROP TRIGGER "sync_person_id_new_of_cards_card" ON
                        "cards_card"
                """,
                'DROP FUNCTION "sync_person_id_new_of_cards_card"()',
                """
                    ALTER INDEX "cards_card_person_id_6d3b13f8" RENAME
                        TO "cards_card_person_id_6d3b13f8_old"
                """,
                """
                    ALTER TABLE "cards_card"
                    RENAME CONSTRAINT
                        "cards_card_person_id_kind_8eac8810_uniq" TO
                        "cards_card_person_id_kind_8eac8810_uniq_old"
                """,
                """
                    ALTER TABLE "cards_card"
                    RENAME COLUMN "person_id" TO "person_id_old"
                """,
                """
                    ALTER TABLE "cards_card"
                    RENAME COLUMN "person_id_new" TO "person_id"
                """,
                """
                    ALTER INDEX "cards_card_person_id_6d3b13f8_new"
                        RENAME TO "cards_card_person_id_6d3b13f8"
                """,
                """
                    ALTER TABLE "cards_card"
                    RENAME CONSTRAINT
                        "cards_card_person_id_kind_8eac8810_uniq_new"
                        TO "cards_card_person_id_kind_8eac8810_uniq"
                """,
                """
                    ALTER TABLE "cards_card"
                    RENAME CONSTRAINT
                        "cards_card_person_id_6d3b13f8_fk_new" TO
                        "cards_card_person_id_6d3b13f8_fk"
                """,
                """
                    ALTER TABLE "cards_card"
                    ALTER COLUMN "person_id_old" DROP NOT NULL
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
            reverse_sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    DROP TRIGGER "sync_person_id_old_of_cards_card" ON
                        "cards_card"
                """,
                'DROP FUNCTION "sync_person_id_old_of_cards_card"()',
                """
                    ALTER INDEX "cards_card_person_id_6d3b13f8" RENAME
                        TO "cards_card_person_id_6d3b13f8_new"
                """,
                """
                    ALTER TABLE "cards_card"
                    RENAME CONSTRAINT
                        "cards_card_person_id_kind_8eac8810_uniq" TO
                        "cards_card_person_id_kind_8eac8810_uniq_new"
                """,
                """
                    ALTER TABLE "cards_card"
                    RENAME COLUMN "person_id" TO "person_id_new"
                """,
                """
                    ALTER TABLE "cards_card"
                    RENAME COLUMN "person_id_old" TO "person_id"
                """,
                """
                    ALTER INDEX "cards_card_person_id_6d3b13f8_old"
                        RENAME TO "cards_card_person_id_6d3b13f8"
                """,
                """
                    ALTER TABLE "cards_card"
                    RENAME CONSTRAINT
                        "cards_card_person_id_kind_8eac8810_uniq_old"
                        TO "cards_card_person_id_kind_8eac8810_uniq"
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
        ),
    ]
