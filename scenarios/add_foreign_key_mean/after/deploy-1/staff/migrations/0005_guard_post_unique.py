from django.db import migrations


# The index becomes the constraint, which reads no row. If the lock is not to be had
# soon, this fails: try again.
class Migration(migrations.Migration):
    dependencies = [
        ("staff", "0004_guard_post_unique_index"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    ALTER TABLE "staff_guard"
                    ADD CONSTRAINT "staff_guard_post_id_key" UNIQUE
                        USING INDEX "staff_guard_post_id_key"
                """,
            ],
            reverse_sql="""
                ALTER TABLE "staff_guard"
                DROP CONSTRAINT "staff_guard_post_id_key"
            """,
        ),
    ]
