from django.db import migrations


# Deploy 2 of 2 of what was 0002_invoices. No running code asks for the old names in Old
# Invoices any more.
class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0003_rename_old_invoices_to_invoices"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '2s'",
                'DROP VIEW "Old Invoices"',
            ],
            reverse_sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    CREATE VIEW "Old Invoices" AS
                    SELECT "id", "No", "corrects_id"
                    FROM "Invoices"
                """,
            ],
        ),
    ]
