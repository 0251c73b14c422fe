from django.db import migrations


# Reads the rows while everybody keeps working, so not in the transaction that has added
# the constraint.
class Migration(migrations.Migration):
    dependencies = [
        ("shop", "0010_packing_packed_by_foreign_key"),
    ]

    operations = [
        migrations.RunSQL(
            sql="""
                ALTER TABLE "Packings"
                VALIDATE CONSTRAINT
                    "Packings_Packed by_ba10de1e_fk_People_id"
            """,
            reverse_sql=migrations.RunSQL.noop,
        ),
    ]
