from django.db import migrations


# Reads the rows while everybody keeps working, so not in the transaction that has added
# the constraint.
class Migration(migrations.Migration):
    dependencies = [
        ("staff", "0006_guard_post_foreign_key"),
    ]

    operations = [
        migrations.RunSQL(
            sql="""
                ALTER TABLE "staff_guard"
                VALIDATE CONSTRAINT
                    "staff_guard_post_id_bc050134_fk_Rooms_number"
            """,
            reverse_sql=migrations.RunSQL.noop,
        ),
    ]
