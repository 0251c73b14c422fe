import uuid

from django.db import migrations, models


# Deploy 1 of 2 of what was 0002_traced. The database gives new rows their value, also
# those of code that does not know the column.
class Migration(migrations.Migration):
    dependencies = [
        ("archive", "0001_initial"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    sql=[
                        """
                            ALTER TABLE "archive"."Old boxes"
                            ADD COLUMN "mark" uuid
                        """,
                        """
                            ALTER TABLE "archive"."Old boxes"
                            ALTER COLUMN "mark" SET DEFAULT gen_random_uuid()
                        """,
                    ],
                    reverse_sql="""
                        ALTER TABLE "archive"."Old boxes"
                        DROP COLUMN "mark"
                    """,
                ),
            ],
            state_operations=[
                migrations.AddField(
                    model_name="box",
                    name="mark",
                    field=models.UUIDField(
                        default=uuid.uuid4,
                        editable=False,
                        unique=True,
                        null=True,
                    ),
                ),
            ],
        ),
    ]
