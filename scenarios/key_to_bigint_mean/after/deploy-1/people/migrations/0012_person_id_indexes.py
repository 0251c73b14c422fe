from django.db import migrations


# Deploy 1 of 3 of what was 0002_big_keys. Indexes and constraints as the column has
# them, made while everybody reads and writes; if that fails, try again.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("people", "0011_fill_people_id_new"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                """
                    DROP INDEX CONCURRENTLY IF EXISTS
                        "People_groups_person_id_012582ca_new"
                """,
                """
                    CREATE INDEX CONCURRENTLY
                        "People_groups_person_id_012582ca_new"
                    ON "People_groups" ("person_id_new")
                """,
            ],
            reverse_sql="""
                DROP INDEX CONCURRENTLY IF EXISTS
                    "People_groups_person_id_012582ca_new"
            """,
        ),
        migrations.RunSQL(
            sql=[
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "People_groups"
                    DROP CONSTRAINT IF EXISTS
                        "People_groups_person_id_group_id_1d52ae2b_uniq_new"
                """,
                """
                    DROP INDEX CONCURRENTLY IF EXISTS
                        "People_groups_person_id_group_id_1d52ae2b_uniq_new"
                """,
                """
                    CREATE UNIQUE INDEX CONCURRENTLY
                        "People_groups_person_id_group_id_1d52ae2b_uniq_new"
                    ON "People_groups" ("person_id_new", "group_id")
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "People_groups"
                    ADD CONSTRAINT
                        "People_groups_person_id_group_id_1d52ae2b_uniq_new"
                        UNIQUE USING INDEX
                        "People_groups_person_id_group_id_1d52ae2b_uniq_new"
                """,
            ],
            reverse_sql="""
                SET LOCAL lock_timeout = '2s';
                ALTER TABLE "People_groups"
                DROP CONSTRAINT IF EXISTS
                    "People_groups_person_id_group_id_1d52ae2b_uniq_new"
            """,
        ),
        migrations.RunSQL(
            sql=[
                """
                    DROP INDEX CONCURRENTLY IF EXISTS
                        "cards_card_person_id_6d3b13f8_new"
                """,
                """
                    CREATE INDEX CONCURRENTLY
                        "cards_card_person_id_6d3b13f8_new"
                    ON "cards_card" ("person_id_new")
                """,
            ],
            reverse_sql="""
                DROP INDEX CONCURRENTLY IF EXISTS
                    "cards_card_person_id_6d3b13f8_new"
            """,
        ),
        migrations.RunSQL(
            sql=[
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "cards_card"
                    DROP CONSTRAINT IF EXISTS
                        "cards_card_person_id_kind_8eac8810_uniq_new"
                """,
                """
                    DROP INDEX CONCURRENTLY IF EXISTS
                        "cards_card_person_id_kind_8eac8810_uniq_new"
                """,
                """
                    CREATE UNIQUE INDEX CONCURRENTLY
                        "cards_card_person_id_kind_8eac8810_uniq_new"
                    ON "cards_card" ("person_id_new", "kind")
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "cards_card"
                    ADD CONSTRAINT
                        "cards_card_person_id_kind_8eac8810_uniq_new"
                        UNIQUE USING INDEX
                        "cards_card_person_id_kind_8eac8810_uniq_new"
                """,
            ],
            reverse_sql="""
                SET LOCAL lock_timeout = '2s';
                ALTER TABLE "cards_card"
                DROP CONSTRAINT IF EXISTS
                    "cards_card_person_id_kind_8eac8810_uniq_new"
            """,
        ),
        migrations.RunSQL(
            sql=[
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
            reverse_sql="""
                DROP INDEX CONCURRENTLY IF EXISTS
                    "people_member_pkey_new"
            """,
        ),
        migrations.RunSQL(
            sql=[
                """
                    DROP INDEX CONCURRENTLY IF EXISTS
                        "People_Parent_61fbaba2_new"
                """,
                """
                    CREATE INDEX CONCURRENTLY
                        "People_Parent_61fbaba2_new"
                    ON "People" ("Parent_new")
                """,
            ],
            reverse_sql="""
                DROP INDEX CONCURRENTLY IF EXISTS
                    "People_Parent_61fbaba2_new"
            """,
        ),
        migrations.RunSQL(
            sql=[
                """
                    DROP INDEX CONCURRENTLY IF EXISTS
                        "People_pkey_new"
                """,
                """
                    CREATE UNIQUE INDEX CONCURRENTLY "People_pkey_new"
                    ON "People" ("id_new")
                """,
            ],
            reverse_sql="""
                DROP INDEX CONCURRENTLY IF EXISTS
                    "People_pkey_new"
            """,
        ),
    ]
