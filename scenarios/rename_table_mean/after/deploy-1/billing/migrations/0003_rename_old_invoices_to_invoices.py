from django.db import migrations


# Deploy 1 of 2 of what was 0002_invoices. Code of the release before goes on asking for
# Old Invoices: a view passes that on to the table.
class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0002_rename_old_invoices_tags_to_invoices_tags"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    sql=[
                        "SET LOCAL lock_timeout = '2s'",
                        'ALTER TABLE "Old Invoices" RENAME TO "Invoices"',
                        """
                            CREATE VIEW "Old Invoices" AS
                            SELECT "id", "No", "corrects_id"
                            FROM "Invoices"
                        """,
                    ],
                    reverse_sql=[
                        "SET LOCAL lock_timeout = '2s'",
                        'DROP VIEW "Old Invoices"',
                        'ALTER TABLE "Invoices" RENAME TO "Old Invoices"',
                    ],
                ),
            ],
            state_operations=[
                migrations.AlterModelTable(
                    name="invoice",
                    table="Invoices",
                ),
            ],
        ),
    ]
