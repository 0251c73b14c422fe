from django.db import migrations


# Deploy 1 of 2 of what was 0002_traced. The index becomes the constraint, which reads
# no row. If the lock is not to be had soon, this fails: try again.
class Migration(migrations.Migration):
    dependencies = [
        ("archive", "0004_box_mark_unique_index"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '2s'",
                """
                    ALTER TABLE "archive"."Old boxes"
                    ADD CONSTRAINT "Old boxes_mark_key" UNIQUE USING
                        INDEX "Old boxes_mark_key"
                """,
            ],
            reverse_sql="""
                ALTER TABLE "archive"."Old boxes"
                DROP CONSTRAINT "Old boxes_mark_key"
            """,
        ),
    ]
