from django.db import migrations


# Deploy 2 of 2 of what was 0002_no_labels. Locks blog_author too, for a moment; if that
# is not to be had soon, this fails: try again.
class Migration(migrations.Migration):
    dependencies = [
        ('blog', '0005_drop_colour'),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '250ms'",
                'LOCK TABLE "blog_author" IN ACCESS EXCLUSIVE MODE',
                """
                    ALTER TABLE "blog"."Labels of Posts"
                    DROP CONSTRAINT IF EXISTS
                        "Labels of Posts_Owned By_1757aeca_fk_blog_author_id"
                """,
            ],
            reverse_sql=[
                "SET LOCAL lock_timeout = '250ms'",
                """
                    ALTER TABLE "blog"."Labels of Posts"
                    ADD CONSTRAINT
                        "Labels of Posts_Owned By_1757aeca_fk_blog_author_id"
                        FOREIGN KEY ("Owned By") REFERENCES
                        "blog_author" ("id") ON DELETE CASCADE
                        DEFERRABLE INITIALLY DEFERRED NOT VALID
                """,
            ],
        ),
    ]
