import uuid

from django.db import migrations, models


# Deploy 1 of 2 of what was 0002_traced. The rows are read by VALIDATE, while everybody
# reads and writes; each statement commits by itself, so that no lock is held meanwhile.
# If a lock is not to be had soon, this fails: try again.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("archive", "0013_backfill_shelf_mark"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    sql=[
                        """
                            SET LOCAL lock_timeout = '2s';
                            ALTER TABLE "archive_shelf"
                            DROP CONSTRAINT IF EXISTS
                                "archive_shelf_mark_proof",
                            ADD CONSTRAINT "archive_shelf_mark_proof" CHECK
                                ("mark" IS NOT NULL) NOT VALID
                        """,
                        """
                            ALTER TABLE "archive_shelf"
                            VALIDATE CONSTRAINT "archive_shelf_mark_proof"
                        """,
                        """
                            SET LOCAL lock_timeout = '2s';
                            ALTER TABLE "archive_shelf"
                            ALTER COLUMN "mark" SET NOT NULL
                        """,
                        """
                            SET LOCAL lock_timeout = '2s';
                            ALTER TABLE "archive_shelf"
                            DROP CONSTRAINT "archive_shelf_mark_proof"
                        """,
                    ],
                    reverse_sql="""
                        SET LOCAL lock_timeout = '2s';
                        ALTER TABLE "archive_shelf"
                        ALTER COLUMN "mark" DROP NOT NULL
                    """,
                ),
            ],
            state_operations=[
                migrations.AlterField(
                    model_name="shelf",
                    name="mark",
                    field=models.UUIDField(
                        default=uuid.uuid4,
                        editable=False,
                        unique=True,
                    ),
                ),
            ],
        ),
    ]
