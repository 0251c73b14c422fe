from django.db import migrations, models


# The column alone: what belongs to it is built and checked apart, while everybody reads
# and writes.
class Migration(migrations.Migration):
    dependencies = [
        ("people", "0002_full_name_expand"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    sql="""
                        ALTER TABLE "hr"."People"
                        ADD COLUMN "nick" varchar(50)
                    """,
                    reverse_sql='ALTER TABLE "hr"."People" DROP COLUMN "nick"',
                ),
            ],
            state_operations=[
                migrations.AddField(
                    model_name="person",
                    name="nick",
                    field=models.SlugField(null=True),
                ),
            ],
        ),
    ]
