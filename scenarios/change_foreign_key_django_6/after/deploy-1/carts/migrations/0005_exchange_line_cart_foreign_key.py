import django.db.models.deletion
from django.db import migrations, models


# Deploy 1 of 2 of what was 0002_cascade_in_database. The new foreign key takes the
# place of the old one. Both tables are locked for a moment: this gives up soon if they
# are not to be had; then try again.
class Migration(migrations.Migration):
    dependencies = [
        ("carts", "0004_validate_line_cart_foreign_key"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    sql=[
                        "SET LOCAL lock_timeout = '250ms'",
                        """
                            ALTER TABLE "Cart lines"
                            DROP CONSTRAINT
                                "Cart lines_cart_id_2a9c94db_fk_carts_cart_id"
                        """,
                        """
                            ALTER TABLE "Cart lines"
                            RENAME CONSTRAINT
                                "Cart lines_cart_id_2a9c94db_fk_carts_cart_id_new"
                                TO
                                "Cart lines_cart_id_2a9c94db_fk_carts_cart_id"
                        """,
                    ],
                    reverse_sql=[
                        "SET LOCAL lock_timeout = '250ms'",
                        """
                            ALTER TABLE "Cart lines"
                            RENAME CONSTRAINT
                                "Cart lines_cart_id_2a9c94db_fk_carts_cart_id"
                                TO
                                "Cart lines_cart_id_2a9c94db_fk_carts_cart_id_new"
                        """,
                        """
                            ALTER TABLE "Cart lines"
                            ADD CONSTRAINT
                                "Cart lines_cart_id_2a9c94db_fk_carts_cart_id"
                                FOREIGN KEY ("cart_id") REFERENCES
                                "carts_cart" ("id") DEFERRABLE INITIALLY
                                DEFERRED NOT VALID
                        """,
                    ],
                ),
            ],
            state_operations=[
                migrations.AlterField(
                    model_name="line",
                    name="cart",
                    field=models.ForeignKey(
                        on_delete=django.db.models.deletion.DB_CASCADE,
                        to="carts.cart",
                    ),
                ),
            ],
        ),
    ]
