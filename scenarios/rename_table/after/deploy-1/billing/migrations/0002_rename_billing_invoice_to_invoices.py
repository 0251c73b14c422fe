from django.db import migrations


# Deploy 1 of 2 of what was 0002_invoices. Code of the release before goes on asking for
# billing_invoice: a view passes that on to the table.
class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0001_initial"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    sql=[
                        "SET LOCAL lock_timeout = '2s'",
                        'ALTER TABLE "billing_invoice" RENAME TO "invoices"',
                        """
                            CREATE VIEW "billing_invoice" AS
                            SELECT "id", "number"
                            FROM "invoices"
                        """,
                    ],
                    reverse_sql=[
                        "SET LOCAL lock_timeout = '2s'",
                        'DROP VIEW "billing_invoice"',
                        'ALTER TABLE "invoices" RENAME TO "billing_invoice"',
                    ],
                ),
            ],
            state_operations=[
                migrations.AlterModelTable(
                    name="invoice",
                    table="invoices",
                ),
            ],
        ),
    ]
