from django.db import migrations


# Deploy 1 of 2 of what was 0002_invoices. Code of the release before goes on asking for
# Old Invoices_tags: a view passes that on to the table.
class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    ALTER TABLE "Old Invoices_tags"
                    RENAME TO "Invoices_tags"
                """,
                """
                    CREATE VIEW "Old Invoices_tags" AS
                    SELECT "id", "invoice_id", "tag_id"
                    FROM "Invoices_tags"
                """,
            ],
            reverse_sql=[
                "SET LOCAL lock_timeout = '2s'",
                'DROP VIEW "Old Invoices_tags"',
                """
                    ALTER TABLE "Invoices_tags"
                    RENAME TO "Old Invoices_tags"
                """,
            ],
        ),
    ]
