from django.db import migrations


# Deploy 1 of 2 of what was 0002_delete_label. Leaves the models only: running code
# still uses Blog Labels. Locks blog_author too, for a moment. New code may delete rows
# of blog_author, and does not know that Blog Labels refers to them: the database
# deletes those too.
class Migration(migrations.Migration):
    dependencies = [
        ("blog", "0001_initial"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    sql=[
                        "SET LOCAL lock_timeout = '250ms'",
                        """
                            ALTER TABLE "Blog Labels"
                            DROP CONSTRAINT IF EXISTS
                                "Blog Labels_owner_id_738629ed_fk_blog_author_id",
                            ADD CONSTRAINT
                                "Blog Labels_owner_id_738629ed_fk_blog_author_id"
                                FOREIGN KEY ("owner_id") REFERENCES
                                "blog_author" ("id") ON DELETE CASCADE
                                DEFERRABLE INITIALLY DEFERRED NOT VALID
                        """,
                    ],
                    reverse_sql=[
                        "SET LOCAL lock_timeout = '250ms'",
                        """
                            ALTER TABLE "Blog Labels"
                            DROP CONSTRAINT IF EXISTS
                                "Blog Labels_owner_id_738629ed_fk_blog_author_id",
                            ADD CONSTRAINT
                                "Blog Labels_owner_id_738629ed_fk_blog_author_id"
                                FOREIGN KEY ("owner_id") REFERENCES
                                "blog_author" ("id") DEFERRABLE INITIALLY
                                DEFERRED
                        """,
                    ],
                ),
            ],
            state_operations=[
                migrations.DeleteModel(
                    name="Label",
                ),
            ],
        ),
    ]
