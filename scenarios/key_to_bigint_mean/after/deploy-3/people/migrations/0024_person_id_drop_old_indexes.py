from django.db import migrations


# Deploy 3 of 3 of what was 0002_big_keys. What was there for the columns that go.
# Indexes are dropped concurrently, so that nobody waits; constraints in a moment; if
# that fails, try again.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("people", "0023_person_id_way_back"),
    ]

    operations = [
        migrations.RunSQL(
            sql="""
                DROP INDEX CONCURRENTLY IF EXISTS
                    "People_pkey_old"
            """,
            reverse_sql=[
                """
                    DROP INDEX CONCURRENTLY IF EXISTS
                        "People_pkey_old"
                """,
                """
                    CREATE UNIQUE INDEX CONCURRENTLY "People_pkey_old"
                    ON "People" ("id_old")
                """,
            ],
        ),
        migrations.RunSQL(
            sql="""
                DROP INDEX CONCURRENTLY IF EXISTS
                    "People_Parent_61fbaba2_old"
            """,
            reverse_sql=[
                """
                    DROP INDEX CONCURRENTLY IF EXISTS
                        "People_Parent_61fbaba2_old"
                """,
                """
                    CREATE INDEX CONCURRENTLY
                        "People_Parent_61fbaba2_old"
                    ON "People" ("Parent_old")
                """,
            ],
        ),
        migrations.RunSQL(
            sql="""
                DROP INDEX CONCURRENTLY IF EXISTS
                    "people_member_pkey_old"
            """,
            reverse_sql=[
                """
                    DROP INDEX CONCURRENTLY IF EXISTS
                        "people_member_pkey_old"
                """,
                """
                    CREATE UNIQUE INDEX CONCURRENTLY
                        "people_member_pkey_old"
                    ON "people_member" ("person_ptr_id_old")
                """,
            ],
        ),
        migrations.RunSQL(
            sql="""
                SET LOCAL lock_timeout = '2s';
                ALTER TABLE "cards_card"
                DROP CONSTRAINT IF EXISTS
                    "cards_card_person_id_kind_8eac8810_uniq_old"
            """,
            reverse_sql=[
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "cards_card"
                    DROP CONSTRAINT IF EXISTS
                        "cards_card_person_id_kind_8eac8810_uniq_old"
                """,
                """
                    DROP INDEX CONCURRENTLY IF EXISTS
                        "cards_card_person_id_kind_8eac8810_uniq_old"
                """,
                """
                    CREATE UNIQUE INDEX CONCURRENTLY
                        "cards_card_person_id_kind_8eac8810_uniq_old"
                    ON "cards_card" ("person_id_old", "kind")
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "cards_card"
                    ADD CONSTRAINT
                        "cards_card_person_id_kind_8eac8810_uniq_old"
                        UNIQUE USING INDEX
                        "cards_card_person_id_kind_8eac8810_uniq_old"
                """,
            ],
        ),
        migrations.RunSQL(
            sql="""
                DROP INDEX CONCURRENTLY IF EXISTS
                    "cards_card_person_id_6d3b13f8_old"
            """,
            reverse_sql=[
                """
                    DROP INDEX CONCURRENTLY IF EXISTS
                        "cards_card_person_id_6d3b13f8_old"
                """,
                """
                    CREATE INDEX CONCURRENTLY
                        "cards_card_person_id_6d3b13f8_old"
                    ON "cards_card" ("person_id_old")
                """,
            ],
        ),
        migrations.RunSQL(
            sql="""
                SET LOCAL lock_timeout = '2s';
                ALTER TABLE "People_groups"
                DROP CONSTRAINT IF EXISTS
                    "People_groups_person_id_group_id_1d52ae2b_uniq_old"
            """,
            reverse_sql=[
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "People_groups"
                    DROP CONSTRAINT IF EXISTS
                        "People_groups_person_id_group_id_1d52ae2b_uniq_old"
                """,
                """
                    DROP INDEX CONCURRENTLY IF EXISTS
                        "People_groups_person_id_group_id_1d52ae2b_uniq_old"
                """,
                """
                    CREATE UNIQUE INDEX CONCURRENTLY
                        "People_groups_person_id_group_id_1d52ae2b_uniq_old"
                    ON "People_groups" ("person_id_old", "group_id")
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "People_groups"
                    ADD CONSTRAINT
                        "People_groups_person_id_group_id_1d52ae2b_uniq_old"
                        UNIQUE USING INDEX
                        "People_groups_person_id_group_id_1d52ae2b_uniq_old"
                """,
            ],
        ),
        migrations.RunSQL(
            sql="""
                DROP INDEX CONCURRENTLY IF EXISTS
                    "People_groups_person_id_012582ca_old"
            """,
            reverse_sql=[
                """
                    DROP INDEX CONCURRENTLY IF EXISTS
                        "People_groups_person_id_012582ca_old"
                """,
                """
                    CREATE INDEX CONCURRENTLY
                        "People_groups_person_id_012582ca_old"
                    ON "People_groups" ("person_id_old")
                """,
            ],
        ),
    ]
