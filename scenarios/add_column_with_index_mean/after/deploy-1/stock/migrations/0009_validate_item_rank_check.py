from django.db import migrations


# Reads the rows while everybody keeps working, so not in the transaction that has added
# the constraint.
class Migration(migrations.Migration):
    dependencies = [
        ("stock", "0008_item_rank_check"),
    ]

    operations = [
        migrations.RunSQL(
            sql="""
                ALTER TABLE "Stock items"
                VALIDATE CONSTRAINT "Stock items_Rank_check"
            """,
            reverse_sql=migrations.RunSQL.noop,
        ),
    ]
