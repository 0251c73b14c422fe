from django.db import migrations


# Deploy 2 of 2 of what was 0002_no_tags. Locks blog_tag too, for a moment; if that is
# not to be had soon, this fails: try again.
class Migration(migrations.Migration):
    dependencies = [
        ('blog', '0004_drop_blog_post_tags_post_id_key'),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '250ms'",
                'LOCK TABLE "blog_tag" IN ACCESS EXCLUSIVE MODE',
                """
                    ALTER TABLE "blog_post_tags"
                    DROP CONSTRAINT IF EXISTS
                        "blog_post_tags_tag_id_0875c551_fk_blog_tag_id"
                """,
            ],
            reverse_sql=[
                "SET LOCAL lock_timeout = '250ms'",
                """
                    ALTER TABLE "blog_post_tags"
                    ADD CONSTRAINT
                        "blog_post_tags_tag_id_0875c551_fk_blog_tag_id"
                        FOREIGN KEY ("tag_id") REFERENCES "blog_tag"
                        ("id") ON DELETE CASCADE DEFERRABLE INITIALLY
                        DEFERRED NOT VALID
                """,
            ],
        ),
    ]
