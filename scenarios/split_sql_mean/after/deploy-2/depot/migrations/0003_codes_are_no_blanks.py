from django.db import migrations


# Deploy 2 of 3 of what was 0002_crates. Holds for new rows from now on; none of those
# that are there is read.
class Migration(migrations.Migration):
    dependencies = [
        ("depot", "0002_crates_by_code"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    ALTER TABLE "depot"."All Crates"
                    ADD CONSTRAINT "Codes are no blanks" CHECK (code
                        <> ' ') NOT VALID
                """,
            ],
            reverse_sql="""
                ALTER TABLE "depot"."All Crates"
                DROP CONSTRAINT "Codes are no blanks"
            """,
        ),
    ]
