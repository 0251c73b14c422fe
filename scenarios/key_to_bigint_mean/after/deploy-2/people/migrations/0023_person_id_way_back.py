from django.db import migrations


# Deploy 2 of 3 of what was 0002_big_keys. Does nothing but on the way back, where
# foreign keys have to go before the primary key can.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("people", "0022_switch_people_parent"),
    ]

    operations = [
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
