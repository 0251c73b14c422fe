from django.db import migrations


# Deploy 1 of 2 of what was 0002_no_labels. Leaves the models only: running code still
# uses Labels of Posts. Locks places_town too, for a moment. New code may delete rows of
# places_town, and does not know that Labels of Posts refers to them: the database sets
# town_id to NULL there.
class Migration(migrations.Migration):
    dependencies = [
        ('blog', '0003_labels_of_posts_owned_by_follows'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    sql=[
                        "SET LOCAL lock_timeout = '250ms'",
                        """
                            ALTER TABLE "blog"."Labels of Posts"
                            DROP CONSTRAINT IF EXISTS
                                "Labels of Posts_town_id_b72f3fd5_fk_places_town_id",
                            ADD CONSTRAINT
                                "Labels of Posts_town_id_b72f3fd5_fk_places_town_id"
                                FOREIGN KEY ("town_id") REFERENCES
                                "places_town" ("id") ON DELETE SET NULL
                                DEFERRABLE INITIALLY DEFERRED NOT VALID
                        """,
                    ],
                    reverse_sql=[
                        "SET LOCAL lock_timeout = '250ms'",
                        """
                            ALTER TABLE "blog"."Labels of Posts"
                            DROP CONSTRAINT IF EXISTS
                                "Labels of Posts_town_id_b72f3fd5_fk_places_town_id",
                            ADD CONSTRAINT
                                "Labels of Posts_town_id_b72f3fd5_fk_places_town_id"
                                FOREIGN KEY ("town_id") REFERENCES
                                "places_town" ("id") DEFERRABLE INITIALLY
                                DEFERRED
                        """,
                    ],
                ),
            ],
            state_operations=[
                migrations.DeleteModel(
                    name='Label',
                ),
            ],
        ),
    ]
