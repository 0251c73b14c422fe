from django.db import migrations


# Deploy 1 of 2 of what was 0002_customer. Code of the release before goes on asking for
# crm_client: a view passes that on to the table.
class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0004_rename_constraints_of_billing_bill"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    sql=[
                        "SET LOCAL lock_timeout = '2s'",
                        'ALTER TABLE "crm_client" RENAME TO "crm_customer"',
                        """
                            ALTER TABLE "crm_customer"
                            RENAME CONSTRAINT
                                "crm_client_parent_id_1eff9215_fk_crm_client_id"
                                TO
                                "crm_customer_parent_id_2e2bcf9b_fk_crm_customer_id"
                        """,
                        """
                            CREATE VIEW "crm_client" AS
                            SELECT "id", "name", "parent_id"
                            FROM "crm_customer"
                        """,
                    ],
                    reverse_sql=[
                        "SET LOCAL lock_timeout = '2s'",
                        'DROP VIEW "crm_client"',
                        """
                            ALTER TABLE "crm_customer"
                            RENAME CONSTRAINT
                                "crm_customer_parent_id_2e2bcf9b_fk_crm_customer_id"
                                TO
                                "crm_client_parent_id_1eff9215_fk_crm_client_id"
                        """,
                        'ALTER TABLE "crm_customer" RENAME TO "crm_client"',
                    ],
                ),
            ],
            state_operations=[
                migrations.RenameModel("Client", "Customer"),
            ],
        ),
    ]
