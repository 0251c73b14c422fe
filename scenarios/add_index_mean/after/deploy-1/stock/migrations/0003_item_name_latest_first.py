from django.db import migrations, models
from django.db.models import F
from django.db.models.functions import Lower


# Deploy 1 of 2 of what was 0002_find_items. Built concurrently, so that nobody waits;
# what is left of a build that failed is dropped first.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("stock", "0002_item_labels"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    sql=[
                        """
                            DROP INDEX CONCURRENTLY IF EXISTS
                                "warehouse"."Item name, latest first"
                        """,
                        """
                            CREATE INDEX CONCURRENTLY
                                "Item name, latest first" ON
                                "warehouse"."Stock items"
                                ((LOWER("Item name")), "sold" DESC)
                        """,
                    ],
                    reverse_sql="""
                        DROP INDEX CONCURRENTLY IF EXISTS
                            "warehouse"."Item name, latest first"
                    """,
                ),
            ],
            state_operations=[
                migrations.AddIndex(
                    model_name="item",
                    index=models.Index(
                        Lower("name"),
                        F("sold").desc(),
                        name="Item name, latest first",
                    ),
                ),
            ],
        ),
    ]
