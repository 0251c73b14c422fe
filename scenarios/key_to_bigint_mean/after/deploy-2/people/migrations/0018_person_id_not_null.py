from django.db import migrations


# Deploy 2 of 3 of what was 0002_big_keys. A CHECK that is validated while everybody
# reads and writes proves that no row is without a value; SET NOT NULL then reads no
# row. Each statement commits by itself; if one fails, try again.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("people", "0017_drop_foreign_key_of_people"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "People_groups"
                    DROP CONSTRAINT IF EXISTS
                        "person_id_new_filled_People_groups"
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "People_groups"
                    ADD CONSTRAINT
                        "person_id_new_filled_People_groups" CHECK
                        ("person_id_new" IS NOT NULL) NOT VALID
                """,
                """
                    ALTER TABLE "People_groups"
                    VALIDATE CONSTRAINT
                        "person_id_new_filled_People_groups"
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "People_groups"
                    ALTER COLUMN "person_id_new" SET NOT NULL
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "People_groups"
                    DROP CONSTRAINT
                        "person_id_new_filled_People_groups"
                """,
            ],
            reverse_sql=[
                """
                    ALTER TABLE "People_groups"
                    ALTER COLUMN "person_id_new" DROP NOT NULL
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "People_groups"
                    DROP CONSTRAINT IF EXISTS
                        "person_id_filled_People_groups"
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "People_groups"
                    ADD CONSTRAINT "person_id_filled_People_groups"
                        CHECK ("person_id" IS NOT NULL) NOT VALID
                """,
                """
                    ALTER TABLE "People_groups"
                    VALIDATE CONSTRAINT
                        "person_id_filled_People_groups"
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "People_groups"
                    ALTER COLUMN "person_id" SET NOT NULL
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "People_groups"
                    DROP CONSTRAINT "person_id_filled_People_groups"
                """,
            ],
        ),
        migrations.RunSQL(
            sql=[
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "cards_card"
                    DROP CONSTRAINT IF EXISTS
                        "person_id_new_filled_cards_card"
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "cards_card"
                    ADD CONSTRAINT "person_id_new_filled_cards_card"
                        CHECK ("person_id_new" IS NOT NULL) NOT VALID
                """,
                """
                    ALTER TABLE "cards_card"
                    VALIDATE CONSTRAINT
                        "person_id_new_filled_cards_card"
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "cards_card"
                    ALTER COLUMN "person_id_new" SET NOT NULL
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "cards_card"
                    DROP CONSTRAINT "person_id_new_filled_cards_card"
                """,
            ],
            reverse_sql=[
                """
                    ALTER TABLE "cards_card"
                    ALTER COLUMN "person_id_new" DROP NOT NULL
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "cards_card"
                    DROP CONSTRAINT IF EXISTS
                        "person_id_filled_cards_card"
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "cards_card"
                    ADD CONSTRAINT "person_id_filled_cards_card" CHECK
                        ("person_id" IS NOT NULL) NOT VALID
                """,
                """
                    ALTER TABLE "cards_card"
                    VALIDATE CONSTRAINT "person_id_filled_cards_card"
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "cards_card"
                    ALTER COLUMN "person_id" SET NOT NULL
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "cards_card"
                    DROP CONSTRAINT "person_id_filled_cards_card"
                """,
            ],
        ),
        migrations.RunSQL(
            sql=[
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "people_member"
                    DROP CONSTRAINT IF EXISTS
                        "person_ptr_id_new_filled_people_member"
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "people_member"
                    ADD CONSTRAINT
                        "person_ptr_id_new_filled_people_member" CHECK
                        ("person_ptr_id_new" IS NOT NULL) NOT VALID
                """,
                """
                    ALTER TABLE "people_member"
                    VALIDATE CONSTRAINT
                        "person_ptr_id_new_filled_people_member"
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "people_member"
                    ALTER COLUMN "person_ptr_id_new" SET NOT NULL
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "people_member"
                    DROP CONSTRAINT
                        "person_ptr_id_new_filled_people_member"
                """,
                """
                    DROP INDEX CONCURRENTLY IF EXISTS
                        "people_member_pkey_old"
                """,
                """
                    CREATE UNIQUE INDEX CONCURRENTLY
                        "people_member_pkey_old"
                    ON "people_member" ("person_ptr_id")
                """,
            ],
            reverse_sql=[
                """
                    ALTER TABLE "people_member"
                    ALTER COLUMN "person_ptr_id_new" DROP NOT NULL
                """,
                """
                    DROP INDEX CONCURRENTLY IF EXISTS
                        "people_member_pkey_old"
                """,
                """
                    DROP INDEX CONCURRENTLY IF EXISTS
                        "people_member_pkey_new"
                """,
                """
                    CREATE UNIQUE INDEX CONCURRENTLY
                        "people_member_pkey_new"
                    ON "people_member" ("person_ptr_id_new")
                """,
            ],
        ),
        migrations.RunSQL(
            sql=[
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "People"
                    DROP CONSTRAINT IF EXISTS "id_new_filled_People"
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "People"
                    ADD CONSTRAINT "id_new_filled_People" CHECK
                        ("id_new" IS NOT NULL) NOT VALID
                """,
                """
                    ALTER TABLE "People"
                    VALIDATE CONSTRAINT "id_new_filled_People"
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "People"
                    ALTER COLUMN "id_new" SET NOT NULL
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "People"
                    DROP CONSTRAINT "id_new_filled_People"
                """,
                """
                    DROP INDEX CONCURRENTLY IF EXISTS
                        "People_pkey_old"
                """,
                """
                    CREATE UNIQUE INDEX CONCURRENTLY "People_pkey_old"
                    ON "People" ("id")
                """,
            ],
            reverse_sql=[
                """
                    ALTER TABLE "People"
                    ALTER COLUMN "id_new" DROP NOT NULL
                """,
                """
                    DROP INDEX CONCURRENTLY IF EXISTS
                        "People_pkey_old"
                """,
                """
                    SET LOCAL lock_timeout = '250ms';
                    ALTER TABLE "People_groups"
                    DROP CONSTRAINT IF EXISTS
                        "People_groups_person_id_012582ca_fk_new"
                """,
                """
                    SET LOCAL lock_timeout = '250ms';
                    ALTER TABLE "cards_card"
                    DROP CONSTRAINT IF EXISTS
                        "cards_card_person_id_6d3b13f8_fk_new"
                """,
                """
                    SET LOCAL lock_timeout = '250ms';
                    ALTER TABLE "people_member"
                    DROP CONSTRAINT IF EXISTS
                        "people_member_person_ptr_id_7bf484aa_fk_new"
                """,
                """
                    SET LOCAL lock_timeout = '250ms';
                    ALTER TABLE "People"
                    DROP CONSTRAINT IF EXISTS
                        "People_Parent_61fbaba2_fk_new"
                """,
                """
                    DROP INDEX CONCURRENTLY IF EXISTS
                        "People_pkey_new"
                """,
                """
                    CREATE UNIQUE INDEX CONCURRENTLY "People_pkey_new"
                    ON "People" ("id_new")
                """,
                """
                    SET LOCAL lock_timeout = '250ms';
                    ALTER TABLE "People_groups"
                    DROP CONSTRAINT IF EXISTS
                        "People_groups_person_id_012582ca_fk_new"
                """,
                """
                    SET LOCAL lock_timeout = '250ms';
                    ALTER TABLE "People_groups"
                    ADD CONSTRAINT
                        "People_groups_person_id_012582ca_fk_new"
                        FOREIGN KEY ("person_id_new") REFERENCES
                        "People" ("id_new") DEFERRABLE INITIALLY
                        DEFERRED NOT VALID
                """,
                """
                    ALTER TABLE "People_groups"
                    VALIDATE CONSTRAINT
                        "People_groups_person_id_012582ca_fk_new"
                """,
                """
                    SET LOCAL lock_timeout = '250ms';
                    ALTER TABLE "cards_card"
                    DROP CONSTRAINT IF EXISTS
                        "cards_card_person_id_6d3b13f8_fk_new"
                """,
                """
                    SET LOCAL lock_timeout = '250ms';
                    ALTER TABLE "cards_card"
                    ADD CONSTRAINT
                        "cards_card_person_id_6d3b13f8_fk_new" FOREIGN
                        KEY ("person_id_new") REFERENCES "People"
                        ("id_new") DEFERRABLE INITIALLY DEFERRED NOT
                        VALID
                """,
                """
                    ALTER TABLE "cards_card"
                    VALIDATE CONSTRAINT
                        "cards_card_person_id_6d3b13f8_fk_new"
                """,
                """
                    SET LOCAL lock_timeout = '250ms';
                    ALTER TABLE "people_member"
                    DROP CONSTRAINT IF EXISTS
                        "people_member_person_ptr_id_7bf484aa_fk_new"
                """,
                """
                    SET LOCAL lock_timeout = '250ms';
                    ALTER TABLE "people_member"
                    ADD CONSTRAINT
                        "people_member_person_ptr_id_7bf484aa_fk_new"
                        FOREIGN KEY ("person_ptr_id_new") REFERENCES
                        "People" ("id_new") DEFERRABLE INITIALLY
                        DEFERRED NOT VALID
                """,
                """
                    ALTER TABLE "people_member"
                    VALIDATE CONSTRAINT
                        "people_member_person_ptr_id_7bf484aa_fk_new"
                """,
                """
                    SET LOCAL lock_timeout = '250ms';
                    ALTER TABLE "People"
                    DROP CONSTRAINT IF EXISTS
                        "People_Parent_61fbaba2_fk_new"
                """,
                """
                    SET LOCAL lock_timeout = '250ms';
                    ALTER TABLE "People"
                    ADD CONSTRAINT "People_Parent_61fbaba2_fk_new"
                        FOREIGN KEY ("Parent_new") REFERENCES "People"
                        ("id_new") DEFERRABLE INITIALLY DEFERRED NOT
                        VALID
                """,
                """
                    ALTER TABLE "People"
                    VALIDATE CONSTRAINT
                        "People_Parent_61fbaba2_fk_new"
                """,
            ],
        ),
    ]
