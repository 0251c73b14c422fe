from django.db import migrations


# Deploy 2 of 2 of what was 0002_customer. No running code asks for the old names in
# crm_client_labels any more.
class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0007_drop_view_crm_client"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '2s'",
                'DROP VIEW "crm_client_labels"',
            ],
            reverse_sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    CREATE VIEW "crm_client_labels" AS
                    SELECT "id", "customer_id" AS "client_id",
                        "label_id"
                    FROM "crm_customer_labels"
                """,
            ],
        ),
    ]
