from django.db import migrations


# Deploy 3 of 3 of what was 0002_party_user. Column user stands alone, since no running
# code asks for vat: only names change, which takes a moment.
class Migration(migrations.Migration):
    dependencies = [
        ("parties", "0007_rename_party_vat_to_user"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '2s'",
                'DROP TRIGGER "sync_user_of_Parties" ON "Parties"',
                'DROP FUNCTION "sync_user_of_Parties"()',
                """
                    ALTER INDEX "Parties_vat_e5d3578e_like" RENAME TO
                        "Parties_vat_e5d3578e_like_old"
                """,
                """
                    ALTER TABLE "Parties"
                    RENAME CONSTRAINT "Parties_vat_key" TO
                        "Parties_vat_key_old"
                """,
                """
                    ALTER INDEX "Parties_vat_e5d3578e_like_new" RENAME
                        TO "Parties_vat_e5d3578e_like"
                """,
                """
                    ALTER TABLE "Parties"
                    RENAME CONSTRAINT "Parties_vat_key_new" TO
                        "Parties_vat_key"
                """,
                """
                    ALTER TABLE "Parties"
                    ALTER COLUMN "vat" DROP NOT NULL
                """,
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
            reverse_sql=[
                "SET LOCAL lock_timeout = '2s'",
                'DROP TRIGGER "sync_vat_of_Parties" ON "Parties"',
                'DROP FUNCTION "sync_vat_of_Parties"()',
                """
                    ALTER INDEX "Parties_vat_e5d3578e_like" RENAME TO
                        "Parties_vat_e5d3578e_like_new"
                """,
                """
                    ALTER TABLE "Parties"
                    RENAME CONSTRAINT "Parties_vat_key" TO
                        "Parties_vat_key_new"
                """,
                """
                    ALTER INDEX "Parties_vat_e5d3578e_like_old" RENAME
                        TO "Parties_vat_e5d3578e_like"
                """,
                """
                    ALTER TABLE "Parties"
                    RENAME CONSTRAINT "Parties_vat_key_old" TO
                        "Parties_vat_key"
                """,
                """
                    CREATE OR REPLACE FUNCTION
                        "sync_user_of_Parties"() RETURNS trigger
                        LANGUAGE plpgsql AS $$
                    BEGIN
                        IF TG_OP = 'INSERT' THEN
                            IF NEW."user" IS NULL THEN
                                NEW."user" := NEW."vat";
                            ELSE
                                NEW."vat" := NEW."user";
                            END IF;
                        ELSIF NEW."user" IS DISTINCT FROM OLD."user" THEN
                            NEW."vat" := NEW."user";
                        ELSE
                            NEW."user" := NEW."vat";
                        END IF;
                        RETURN NEW;
                    END
                    $$
                """,
                """
                    CREATE TRIGGER "sync_user_of_Parties" BEFORE
                        INSERT OR UPDATE ON "Parties"
                    FOR EACH ROW EXECUTE PROCEDURE
                        "sync_user_of_Parties"()
                """,
            ],
        ),
    ]
