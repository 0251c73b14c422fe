from django.db import migrations


# The index becomes the constraint, which reads no row. If the lock is not to be had
# soon, this fails: try again.
class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0004_event_code_unique_index"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    ALTER TABLE "tickets_event"
                    ADD CONSTRAINT "tickets_event_Code_key" UNIQUE
                        USING INDEX "tickets_event_Code_key"
                """,
            ],
            reverse_sql="""
                ALTER TABLE "tickets_event"
                DROP CONSTRAINT "tickets_event_Code_key"
            """,
        ),
    ]
