from django.db import migrations


# Deploy 3 of 3 of what was 0002_party_user. What was there for the columns that go.
# Indexes are dropped concurrently, so that nobody waits; constraints in a moment; if
# that fails, try again.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("parties", "0008_switch_parties_user"),
    ]

    operations = [
        migrations.RunSQL(
            sql="""
                SET LOCAL lock_timeout = '2s';
                ALTER TABLE "Parties"
                DROP CONSTRAINT IF EXISTS "Parties_vat_key_old"
            """,
            reverse_sql=[
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "Parties"
                    DROP CONSTRAINT IF EXISTS "Parties_vat_key_old"
                """,
                """
                    DROP INDEX CONCURRENTLY IF EXISTS
                        "Parties_vat_key_old"
                """,
                """
                    CREATE UNIQUE INDEX CONCURRENTLY
                        "Parties_vat_key_old"
                    ON "Parties" ("vat")
                """,
                """
                    SET LOCAL lock_timeout = '2s';
                    ALTER TABLE "Parties"
                    ADD CONSTRAINT "Parties_vat_key_old" UNIQUE USING
                        INDEX "Parties_vat_key_old"
                """,
            ],
        ),
        migrations.RunSQL(
            sql="""
                DROP INDEX CONCURRENTLY IF EXISTS
                    "Parties_vat_e5d3578e_like_old"
            """,
            reverse_sql=[
                """
                    DROP INDEX CONCURRENTLY IF EXISTS
                        "Parties_vat_e5d3578e_like_old"
                """,
                """
                    CREATE INDEX CONCURRENTLY
                        "Parties_vat_e5d3578e_like_old"
                    ON "Parties" ("vat" varchar_pattern_ops)
                """,
            ],
        ),
    ]
