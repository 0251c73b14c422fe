from django.db import migrations


# Deploy 2 of 2 of what was 0002_no_labels. Locks places_town too, for a moment; if that
# is not to be had soon, this fails: try again.
class Migration(migrations.Migration):
    dependencies = [
        ('blog', '0006_drop_labels_of_posts_owned_by_key'),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                "SET LOCAL lock_timeout = '250ms'",
                'LOCK TABLE "places_town" IN ACCESS EXCLUSIVE MODE',
                """
                    ALTER TABLE "blog"."Labels of Posts"
                    DROP CONSTRAINT IF EXISTS
                        "Labels of Posts_town_id_b72f3fd5_fk_places_town_id"
                """,
            ],
            reverse_sql=[
                "SET LOCAL lock_timeout = '250ms'",
                """
                    ALTER TABLE "blog"."Labels of Posts"
                    ADD CONSTRAINT
                        "Labels of Posts_town_id_b72f3fd5_fk_places_town_id"
                        FOREIGN KEY ("town_id") REFERENCES
                        "places_town" ("id") ON DELETE SET NULL
                        DEFERRABLE INITIALLY DEFERRED NOT VALID
                """,
            ],
        ),
    ]
