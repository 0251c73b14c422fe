from django.db import migrations


# Deploy 2 of 2 of what was 0002_invoices. No running code asks for the old names in
# billing_invoice any more.
class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0002_rename_billing_invoice_to_invoices"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '2s'",
                'DROP VIEW "billing_invoice"',
            ],
            reverse_sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    CREATE VIEW "billing_invoice" AS
                    SELECT "id", "number"
                    FROM "invoices"
                """,
            ],
        ),
    ]
