from django.db import migrations


# Deploy 1 of 2 of what was 0002_customer. Foreign keys of billing_bill are called after
# the table that they refer to; no code asks for their names.
class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0003_rename_crm_client_labels_to_crm_customer_labels"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    ALTER TABLE "billing_bill"
                    RENAME CONSTRAINT
                        "billing_bill_client_id_2d97f0fe_fk_crm_client_id"
                        TO
                        "billing_bill_client_id_2d97f0fe_fk_crm_customer_id"
                """,
            ],
            reverse_sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    ALTER TABLE "billing_bill"
                    RENAME CONSTRAINT
                        "billing_bill_client_id_2d97f0fe_fk_crm_customer_id"
                        TO
                        "billing_bill_client_id_2d97f0fe_fk_crm_client_id"
                """,
            ],
        ),
    ]
