from django.db import migrations


# Holds for new rows from now on; none of those that are there is read. Nobody can write
# to hr.People for a moment; if its lock is not to be had soon, this fails: try again.
class Migration(migrations.Migration):
    dependencies = [
        ("shop", "0004_validate_order_followers_order_id_foreign_key"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '250ms'",
                """
                    ALTER TABLE "Orders followed"
                    ADD CONSTRAINT
                        "Orders followed_person_id_148e2f12_fk_People_id"
                        FOREIGN KEY ("person_id") REFERENCES
                        "hr"."People" ("id") DEFERRABLE INITIALLY
                        DEFERRED NOT VALID
                """,
            ],
            reverse_sql=[
                "SET LOCAL lock_timeout = '250ms'",
                """
                    ALTER TABLE "Orders followed"
                    DROP CONSTRAINT
                        "Orders followed_person_id_148e2f12_fk_People_id"
                """,
            ],
        ),
    ]
