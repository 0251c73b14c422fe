from django.db import migrations


# Holds for new rows from now on; none of those that are there is read.
class Migration(migrations.Migration):
    dependencies = [
        ("stock", "0007_item_rank_index"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    ALTER TABLE "Stock items"
                    ADD CONSTRAINT "Stock items_Rank_check" CHECK
                        ("Rank" >= 0) NOT VALID
                """,
            ],
            reverse_sql="""
                ALTER TABLE "Stock items"
                DROP CONSTRAINT "Stock items_Rank_check"
            """,
        ),
    ]
