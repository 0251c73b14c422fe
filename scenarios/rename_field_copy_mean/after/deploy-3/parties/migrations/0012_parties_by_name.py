from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


# Deploy 3 of 3 of what was 0002_party_user. Built concurrently, so that nobody waits;
# what is left of a build that failed is dropped first.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("parties", "0011_drop_parties_vat"),
    ]

    operations = [
        migrations.RunSQL(
            sql="""
                DROP INDEX CONCURRENTLY IF EXISTS
                    "Parties by name"
            """,
            reverse_sql=migrations.RunSQL.noop,
        ),
        AddIndexConcurrently(
            model_name="party",
            index=models.Index(fields=["name", "-user"], name="Parties by name"),
        ),
    ]
