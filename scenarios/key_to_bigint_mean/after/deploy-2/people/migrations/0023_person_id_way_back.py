from django.db import migrations


# Deploy 2 of 3 of what was 0002_big_keys. Does nothing but on the way back: the first
# column can be the primary key again without a look at each row under a lock once it is
# NOT NULL, and once no foreign key needs the second.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("people", "0022_switch_people_parent"),
    ]

    operations = [
        migrations.RunSQL(migrations.RunSQL.noop, [
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "people_member"
                    DROP CONSTRAINT IF EXISTS
                        "person_ptr_id_old_filled_people_member"
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "people_member"
                    ADD CONSTRAINT
                        "person_ptr_id_old_filled_people_member" CHECK
                        ("person_ptr_id_old" IS NOT NULL) NOT VALID
                """,
                """
                    ALTER TABLE "people_member"
                    VALIDATE CONSTRAINT
                        "person_ptr_id_old_filled_people_member"
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "people_member"
                    ALTER COLUMN "person_ptr_id_old" SET NOT NULL
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "people_member"
                    DROP CONSTRAINT
                        "person_ptr_id_old_filled_people_member"
                """,
            ]),
        migrations.RunSQL(migrations.RunSQL.noop, [
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "People"
                    DROP CONSTRAINT IF EXISTS "id_old_filled_People"
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "People"
                    ADD CONSTRAINT "id_old_filled_People" CHECK
                        ("id_old" IS NOT NULL) NOT VALID
                """,
                """
                    ALTER TABLE "People"
                    VALIDATE CONSTRAINT "id_old_filled_People"
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "People"
                    ALTER COLUMN "id_old" SET NOT NULL
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "People"
                    DROP CONSTRAINT "id_old_filled_People"
                """,
            ]),
        migrations.RunSQL(migrations.RunSQL.noop, """
                ALTER TABLE "People_groups"
                DROP CONSTRAINT IF EXISTS
                    "People_groups_person_id_012582ca_fk"
            """),
        migrations.RunSQL(migrations.RunSQL.noop, """
                ALTER TABLE "cards_card"
                DROP CONSTRAINT IF EXISTS
                    "cards_card_person_id_6d3b13f8_fk"
            """),
        migrations.RunSQL(migrations.RunSQL.noop, """
                ALTER TABLE "people_member"
                DROP CONSTRAINT IF EXISTS
                    "people_member_person_ptr_id_7bf484aa_fk"
            """),
        migrations.RunSQL(migrations.RunSQL.noop, """
                ALTER TABLE "People"
                DROP CONSTRAINT IF EXISTS
                    "People_Parent_61fbaba2_fk"
            """),
    ]
