from django.db import migrations


# Deploy 1 of 2 of what was 0002_no_tags. Leaves the models only: running code still
# uses blog_post_tags. Locks blog_tag too, for a moment. New code may delete rows of
# blog_tag, and does not know that blog_post_tags refers to them: the database deletes
# those too.
class Migration(migrations.Migration):
    dependencies = [
        ('blog', '0002_blog_post_tags_post_id_follows'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    sql=[
                        "SET LOCAL lock_timeout = '250ms'",
                        """
                            ALTER TABLE "blog_post_tags"
                            DROP CONSTRAINT IF EXISTS
                                "blog_post_tags_tag_id_0875c551_fk_blog_tag_id",
                            ADD CONSTRAINT
                                "blog_post_tags_tag_id_0875c551_fk_blog_tag_id"
                                FOREIGN KEY ("tag_id") REFERENCES "blog_tag"
                                ("id") ON DELETE CASCADE DEFERRABLE INITIALLY
                                DEFERRED NOT VALID
                        """,
                    ],
                    reverse_sql=[
                        "SET LOCAL lock_timeout = '250ms'",
                        """
                            ALTER TABLE "blog_post_tags"
                            DROP CONSTRAINT IF EXISTS
                                "blog_post_tags_tag_id_0875c551_fk_blog_tag_id",
                            ADD CONSTRAINT
                                "blog_post_tags_tag_id_0875c551_fk_blog_tag_id"
                                FOREIGN KEY ("tag_id") REFERENCES "blog_tag"
                                ("id") DEFERRABLE INITIALLY DEFERRED
                        """,
                    ],
                ),
            ],
            state_operations=[
                migrations.RemoveField(
                    model_name='post',
                    name='tags',
                ),
            ],
        ),
    ]
