from django.db import migrations


# Deploy 2 of 2 of what was 0002_traced. All code that runs gives the column a value:
# the database need not keep the default.
class Migration(migrations.Migration):
    dependencies = [
        ("archive", "0018_box_traced_without_db_default"),
    ]

    operations = [
        migrations.RunSQL(
            sql="""
                ALTER TABLE "archive_shelf"
                ALTER COLUMN "mark" DROP DEFAULT
            """,
            reverse_sql="""
                ALTER TABLE "archive_shelf"
                ALTER COLUMN "mark" SET DEFAULT gen_random_uuid()
            """,
        ),
    ]
