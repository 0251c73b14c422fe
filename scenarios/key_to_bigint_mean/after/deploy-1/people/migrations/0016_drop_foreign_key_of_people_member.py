from django.db import migrations


# Deploy 1 of 3 of what was 0002_big_keys. The column that goes needs no foreign key any
# more: the trigger gives it the value of the other, which has one. It is dropped alone,
# since both tables are locked for a moment: this gives up soon if they are not to be
# had; then try again.
class Migration(migrations.Migration):
    dependencies = [
        ("people", "0015_drop_foreign_key_of_cards_card"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '250ms'",
                """
                    ALTER TABLE "people_member"
                    DROP CONSTRAINT
                        "people_member_person_ptr_id_7bf484aa_fk_People_id"
                """,
            ],
            reverse_sql=[
                "SET LOCAL lock_timeout = '250ms'",
                """
                    ALTER TABLE "people_member"
                    ADD CONSTRAINT
                        "people_member_person_ptr_id_7bf484aa_fk_People_id"
                        FOREIGN KEY ("person_ptr_id") REFERENCES
                        "People" ("id") DEFERRABLE INITIALLY DEFERRED
                        NOT VALID
                """,
            ],
        ),
    ]
