from django.db import migrations


# Deploy 1 of 2 of what was 0002_no_tags. Locks blog_post too, for a moment. New code
# may delete rows of blog_post, and does not know that blog_post_tags refers to them:
# the database deletes those too.
class Migration(migrations.Migration):
    dependencies = [
        ('blog', '0001_initial'),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '250ms'",
                """
                    ALTER TABLE "blog_post_tags"
                    DROP CONSTRAINT IF EXISTS
                        "blog_post_tags_post_id_a1c71c8a_fk_blog_post_id",
                    ADD CONSTRAINT
                        "blog_post_tags_post_id_a1c71c8a_fk_blog_post_id"
                        FOREIGN KEY ("post_id") REFERENCES "blog_post"
                        ("id") ON DELETE CASCADE DEFERRABLE INITIALLY
                        DEFERRED NOT VALID
                """,
            ],
            reverse_sql=[
                "SET LOCAL lock_timeout = '250ms'",
                """
                    ALTER TABLE "blog_post_tags"
                    DROP CONSTRAINT IF EXISTS
                        "blog_post_tags_post_id_a1c71c8a_fk_blog_post_id",
                    ADD CONSTRAINT
                        "blog_post_tags_post_id_a1c71c8a_fk_blog_post_id"
                        FOREIGN KEY ("post_id") REFERENCES "blog_post"
                        ("id") DEFERRABLE INITIALLY DEFERRED
                """,
            ],
        ),
    ]
