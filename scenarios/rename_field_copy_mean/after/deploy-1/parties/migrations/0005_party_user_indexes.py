from django.db import migrations


# Deploy 1 of 3 of what was 0002_party_user. Indexes and constraints as the column has
# them, made while everybody reads and writes; if that fails, try again.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("parties", "0004_fill_parties_user"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                """
                    DROP INDEX CONCURRENTLY IF EXISTS
                        "Parties_vat_e5d3578e_like_new"
                """,
                """
                    CREATE INDEX CONCURRENTLY
                        "Parties_vat_e5d3578e_like_new"
                    ON "Parties" ("user" varchar_pattern_ops)
                """,
            ],
            reverse_sql="""
                DROP INDEX CONCURRENTLY IF EXISTS
                    "Parties_vat_e5d3578e_like_new"
            """,
        ),
        migrations.RunSQL(
            sql=[
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "Parties"
                    DROP CONSTRAINT IF EXISTS "Parties_vat_key_new"
                """,
                """
                    DROP INDEX CONCURRENTLY IF EXISTS
                        "Parties_vat_key_new"
                """,
                """
                    CREATE UNIQUE INDEX CONCURRENTLY
                        "Parties_vat_key_new"
                    ON "Parties" ("user")
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "Parties"
                    ADD CONSTRAINT "Parties_vat_key_new" UNIQUE USING
                        INDEX "Parties_vat_key_new"
                """,
            ],
            reverse_sql="""
                SET LOCAL lock_timeout = '2s';
                ALTER TABLE "Parties"
                DROP CONSTRAINT IF EXISTS "Parties_vat_key_new"
            """,
        ),
    ]
