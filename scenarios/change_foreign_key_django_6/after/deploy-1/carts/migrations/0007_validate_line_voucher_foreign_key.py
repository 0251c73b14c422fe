from django.db import migrations


# Deploy 1 of 2 of what was 0002_cascade_in_database. Reads the rows while everybody
# keeps working, so not in the transaction that has added the constraint.
class Migration(migrations.Migration):
    dependencies = [
        ("carts", "0006_line_voucher_foreign_key"),
    ]

    operations = [
        migrations.RunSQL(
            sql="""
                ALTER TABLE "Cart lines"
                VALIDATE CONSTRAINT
                    "Cart lines_voucher_id_fbce2007_fk_carts_voucher_id_new"
            """,
            reverse_sql="""
                ALTER TABLE "Cart lines"
                VALIDATE CONSTRAINT
                    "Cart lines_voucher_id_fbce2007_fk_carts_voucher_id"
            """,
        ),
    ]
