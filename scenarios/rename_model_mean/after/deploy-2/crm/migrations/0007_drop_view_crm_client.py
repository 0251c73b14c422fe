from django.db import migrations


# Deploy 2 of 2 of what was 0002_customer. No running code asks for the old names in
# crm_client any more.
class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0006_customer"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '2s'",
                'DROP VIEW "crm_client"',
            ],
            reverse_sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    CREATE VIEW "crm_client" AS
                    SELECT "id", "name", "parent_id"
                    FROM "crm_customer"
                """,
            ],
        ),
    ]
