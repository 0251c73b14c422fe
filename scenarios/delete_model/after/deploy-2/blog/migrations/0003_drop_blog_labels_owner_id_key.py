from django.db import migrations


# Deploy 2 of 2 of what was 0002_delete_label. Locks blog_author too, for a moment; if
# that is not to be had soon, this fails: try again.
class Migration(migrations.Migration):
    dependencies = [
        ("blog", "0002_remove_label"),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '250ms'",
                'LOCK TABLE "blog_author" IN ACCESS EXCLUSIVE MODE',
                """
                    ALTER TABLE "Blog Labels"
                    DROP CONSTRAINT IF EXISTS
                        "Blog Labels_owner_id_738629ed_fk_blog_author_id"
                """,
            ],
            reverse_sql=[
                "SET LOCAL lock_timeout = '250ms'",
                """
                    ALTER TABLE "Blog Labels"
                    ADD CONSTRAINT
                        "Blog Labels_owner_id_738629ed_fk_blog_author_id"
                        FOREIGN KEY ("owner_id") REFERENCES
                        "blog_author" ("id") ON DELETE CASCADE
                        DEFERRABLE INITIALLY DEFERRED NOT VALID
                """,
            ],
        ),
    ]
