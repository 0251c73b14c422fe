from django.db import migrations


# Deploy 1 of 3 of what was 0002_big_keys. The column that goes needs no foreign key any
# more: the trigger gives it the value of the other, which has one. It is dropped alone,
# since both tables are locked for a moment: this gives up soon if they are not to be
# had; then try again.
class Migration(migrations.Migration):
    dependencies = [
        ("people", "0014_drop_foreign_key_of_people_groups"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '250ms'",
                """
                    ALTER TABLE "cards_card"
                    DROP CONSTRAINT
                        "cards_card_person_id_6d3b13f8_fk_People_id"
                """,
            ],
            reverse_sql=[
                "SET LOCAL lock_timeout = '250ms'",
                """
                    ALTER TABLE "cards_card"
                    ADD CONSTRAINT
                        "cards_card_person_id_6d3b13f8_fk_People_id"
                        FOREIGN KEY ("person_id") REFERENCES "People"
                        ("id") DEFERRABLE INITIALLY DEFERRED NOT VALID
                """,
            ],
        ),
    ]
