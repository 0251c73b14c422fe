from django.db import migrations


# Deploy 1 of 2 of what was 0002_no_labels. Locks blog_author too, for a moment. New
# code may delete rows of blog_author, and does not know that Labels of Posts refers to
# them: the database deletes those too.
class Migration(migrations.Migration):
    dependencies = [
        ('blog', '0002_remove_colour'),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '250ms'",
                """
                    ALTER TABLE "blog"."Labels of Posts"
                    DROP CONSTRAINT IF EXISTS
                        "Labels of Posts_Owned By_1757aeca_fk_blog_author_id",
                    ADD CONSTRAINT
                        "Labels of Posts_Owned By_1757aeca_fk_blog_author_id"
                        FOREIGN KEY ("Owned By") REFERENCES
                        "blog_author" ("id") ON DELETE CASCADE
                        DEFERRABLE INITIALLY DEFERRED NOT VALID
                """,
            ],
            reverse_sql=[
                "SET LOCAL lock_timeout = '250ms'",
                """
                    ALTER TABLE "blog"."Labels of Posts"
                    DROP CONSTRAINT IF EXISTS
                        "Labels of Posts_Owned By_1757aeca_fk_blog_author_id",
                    ADD CONSTRAINT
                        "Labels of Posts_Owned By_1757aeca_fk_blog_author_id"
                        FOREIGN KEY ("Owned By") REFERENCES
                        "blog_author" ("id") DEFERRABLE INITIALLY
                        DEFERRED
                """,
            ],
        ),
    ]
