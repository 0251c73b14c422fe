from django.db import migrations


# Reads the rows while everybody keeps working, so not in the transaction that has added
# the constraint.
class Migration(migrations.Migration):
    dependencies = [
        ("shop", "0005_order_followers_person_id_foreign_key"),
    ]

    operations = [
        migrations.RunSQL(
            sql="""
                ALTER TABLE "Orders followed"
                VALIDATE CONSTRAINT
                    "Orders followed_person_id_148e2f12_fk_People_id"
            """,
            reverse_sql=migrations.RunSQL.noop,
        ),
    ]
