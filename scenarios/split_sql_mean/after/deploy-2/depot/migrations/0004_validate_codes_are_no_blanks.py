from django.db import migrations


# Deploy 2 of 3 of what was 0002_crates. Reads the rows while everybody keeps working,
# so not in the transaction that has added the constraint.
class Migration(migrations.Migration):
    dependencies = [
        ("depot", "0003_codes_are_no_blanks"),
    ]

    operations = [
        migrations.RunSQL(
            sql="""
                ALTER TABLE "depot"."All Crates"
                VALIDATE CONSTRAINT "Codes are no blanks"
            """,
            reverse_sql=migrations.RunSQL.noop,
        ),
    ]
