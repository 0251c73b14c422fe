from django.db import migrations


# Deploy 1 of 2 of what was 0002_customer. Code of the release before goes on asking for
# crm_client_labels: a view passes that on to the table.
class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0002_customer_expand"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    ALTER TABLE "crm_client_labels"
                    RENAME TO "crm_customer_labels"
                """,
                """
                    ALTER TABLE "crm_customer_labels"
                    RENAME COLUMN "client_id" TO "customer_id"
                """,
                """
                    ALTER TABLE "crm_customer_labels"
                    RENAME CONSTRAINT
                        "crm_client_labels_client_id_5f001c94_fk_crm_client_id"
                        TO
                        "crm_customer_labels_customer_id_198422ab_fk_crm_customer_id"
                """,
                """
                    CREATE VIEW "crm_client_labels" AS
                    SELECT "id", "customer_id" AS "client_id",
                        "label_id"
                    FROM "crm_customer_labels"
                """,
            ],
            reverse_sql=[
                "SET LOCAL lock_timeout = '2s'",
                'DROP VIEW "crm_client_labels"',
                """
                    ALTER TABLE "crm_customer_labels"
                    RENAME CONSTRAINT
                        "crm_customer_labels_customer_id_198422ab_fk_crm_customer_id"
                        TO
                        "crm_client_labels_client_id_5f001c94_fk_crm_client_id"
                """,
                """
                    ALTER TABLE "crm_customer_labels"
                    RENAME COLUMN "customer_id" TO "client_id"
                """,
                """
                    ALTER TABLE "crm_customer_labels"
                    RENAME TO "crm_client_labels"
                """,
            ],
        ),
    ]
