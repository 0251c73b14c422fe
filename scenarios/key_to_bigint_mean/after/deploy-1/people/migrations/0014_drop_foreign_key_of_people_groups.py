from django.db import migrations


# Deploy 1 of 3 of what was 0002_big_keys. The column that goes needs no foreign key any
# more: the trigger gives it the value of the other, which has one. It is dropped alone,
# since both tables are locked for a moment: this gives up soon if they are not to be
# had; then try again.
class Migration(migrations.Migration):
    dependencies = [
        ("people", "0013_person_id_foreign_keys"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '250ms'",
                """
                    ALTER TABLE "People_groups"
                    DROP CONSTRAINT
                        "People_groups_person_id_012582ca_fk_People_id"
                """,
            ],
            reverse_sql=[
                "SET LOCAL lock_timeout = '250ms'",
                """
                    ALTER TABLE "People_groups"
                    ADD CONSTRAINT
                        "People_groups_person_id_012582ca_fk_People_id"
                        FOREIGN KEY ("person_id") REFERENCES "People"
                        ("id") DEFERRABLE INITIALLY DEFERRED NOT VALID
                """,
            ],
        ),
    ]
