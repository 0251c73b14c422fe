from django.db import migrations


# Deploy 2 of 2 of what was 0002_cascade_in_database. Reads the rows while everybody
# keeps working, so not in the transaction that has added the constraint.
class Migration(migrations.Migration):
    dependencies = [
        ("carts", "0006_cart_parent_foreign_key"),
    ]

    operations = [
        migrations.RunSQL(
            sql="""
                ALTER TABLE "carts_cart"
                VALIDATE CONSTRAINT
                    "carts_cart_parent_id_e030a0e3_fk_carts_cart_id_new"
            """,
            reverse_sql="""
                ALTER TABLE "carts_cart"
                VALIDATE CONSTRAINT
                    "carts_cart_parent_id_e030a0e3_fk_carts_cart_id"
            """,
        ),
    ]
