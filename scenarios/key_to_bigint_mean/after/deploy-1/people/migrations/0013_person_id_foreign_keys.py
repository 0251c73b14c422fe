from django.db import migrations


# Deploy 1 of 3 of what was 0002_big_keys. Foreign keys are checked while everybody
# reads and writes; if that fails, try again.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("people", "0012_person_id_indexes"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
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
            ],
            reverse_sql=[
                """
                    ALTER TABLE "People_groups"
                    VALIDATE CONSTRAINT
                        "People_groups_person_id_012582ca_fk_People_id"
                """,
                """
                    ALTER TABLE "cards_card"
                    VALIDATE CONSTRAINT
                        "cards_card_person_id_6d3b13f8_fk_People_id"
                """,
                """
                    ALTER TABLE "people_member"
                    VALIDATE CONSTRAINT
                        "people_member_person_ptr_id_7bf484aa_fk_People_id"
                """,
                """
                    ALTER TABLE "People"
                    VALIDATE CONSTRAINT
                        "People_Parent_61fbaba2_fk_People_id"
                """,
                """
                    SET LOCAL lock_timeout = '250ms';
                    ALTER TABLE "People_groups"
                    DROP CONSTRAINT IF EXISTS
                        "People_groups_person_id_012582ca_fk_new"
                """,
            ],
        ),
        migrations.RunSQL(
            sql=[
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
            ],
            reverse_sql="""
                SET LOCAL lock_timeout = '250ms';
                ALTER TABLE "cards_card"
                DROP CONSTRAINT IF EXISTS
                    "cards_card_person_id_6d3b13f8_fk_new"
            """,
        ),
        migrations.RunSQL(
            sql=[
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
            ],
            reverse_sql="""
                SET LOCAL lock_timeout = '250ms';
                ALTER TABLE "people_member"
                DROP CONSTRAINT IF EXISTS
                    "people_member_person_ptr_id_7bf484aa_fk_new"
            """,
        ),
        migrations.RunSQL(
            sql=[
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
            reverse_sql="""
                SET LOCAL lock_timeout = '250ms';
                ALTER TABLE "People"
                DROP CONSTRAINT IF EXISTS
                    "People_Parent_61fbaba2_fk_new"
            """,
        ),
    ]
