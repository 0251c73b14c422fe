from django.db import migrations


# Deploy 3 of 3 of what was 0002_party_user. No running code knows vat any more.
class Migration(migrations.Migration):
    dependencies = [
        ("parties", "0010_fill_parties_vat"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '2s'",
                'DROP TRIGGER "sync_vat_of_Parties" ON "Parties"',
                'DROP FUNCTION "sync_vat_of_Parties"()',
                'ALTER TABLE "Parties" DROP COLUMN "vat"',
            ],
            reverse_sql=[
                "SET LOCAL lock_timeout = '2s'",
                'ALTER TABLE "Parties" ADD COLUMN "vat" varchar(30)',
                """
                    CREATE OR REPLACE FUNCTION "sync_vat_of_Parties"()
                        RETURNS trigger LANGUAGE plpgsql AS $$
                    BEGIN
                        BEGIN
                            NEW."vat" := NEW."user";
                        EXCEPTION WHEN data_exception THEN
                            NEW."vat" := NULL;
                        END;
                        RETURN NEW;
                    END
                    $$
                """,
                """
                    CREATE TRIGGER "sync_vat_of_Parties" BEFORE INSERT
                        OR UPDATE ON "Parties"
                    FOR EACH ROW EXECUTE PROCEDURE
                        "sync_vat_of_Parties"()
                """,
            ],
        ),
    ]
