from django.db import migrations


# Deploy 2 of 2 of what was 0002_no_tags. Locks blog_post too, for a moment; if that is
# not to be had soon, this fails: try again.
class Migration(migrations.Migration):
    dependencies = [
        ('blog', '0003_remove_post_tags'),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '250ms'",
                'LOCK TABLE "blog_post" IN ACCESS EXCLUSIVE MODE',
                """
                    ALTER TABLE "blog_post_tags"
                    DROP CONSTRAINT IF EXISTS
                        "blog_post_tags_post_id_a1c71c8a_fk_blog_post_id"
                """,
            ],
            reverse_sql=[
                "SET LOCAL lock_timeout = '250ms'",
                """
                    ALTER TABLE "blog_post_tags"
                    ADD CONSTRAINT
                        "blog_post_tags_post_id_a1c71c8a_fk_blog_post_id"
                        FOREIGN KEY ("post_id") REFERENCES "blog_post"
                        ("id") ON DELETE CASCADE DEFERRABLE INITIALLY
                        DEFERRED NOT VALID
                """,
            ],
        ),
    ]
