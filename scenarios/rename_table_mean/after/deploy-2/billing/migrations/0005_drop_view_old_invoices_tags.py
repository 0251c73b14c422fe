from django.db import migrations


# Deploy 2 of 2 of what was 0002_invoices. No running code asks for the old names in Old
# Invoices_tags any more.
class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0004_drop_view_old_invoices"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '2s'",
                'DROP VIEW "Old Invoices_tags"',
            ],
            reverse_sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    CREATE VIEW "Old Invoices_tags" AS
                    SELECT "id", "invoice_id", "tag_id"
                    FROM "Invoices_tags"
                """,
            ],
        ),
    ]
