from django.db import migrations


# Deploy 2 of 2 of what was 0002_traced. All code that runs gives the column a value:
# the database need not keep the default.
class Migration(migrations.Migration):
    dependencies = [
        ("archive", "0003_crate_wood"),
    ]

    operations = [
        migrations.RunSQL(
            sql="""
                ALTER TABLE "archive"."Old boxes"
                ALTER COLUMN "mark" DROP DEFAULT
            """,
            reverse_sql="""
                ALTER TABLE "archive"."Old boxes"
                ALTER COLUMN "mark" SET DEFAULT gen_random_uuid()
            """,
        ),
    ]
