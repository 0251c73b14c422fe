import django.utils.timezone
from django.db import migrations, models


# Deploy 1 of 2 of what was 0002_traced. The database keeps the default: code that does
# not know the column goes on inserting rows.
class Migration(migrations.Migration):
    dependencies = [
        ("archive", "0007_box_mark_not_null"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    sql="""
                        ALTER TABLE "archive"."Old boxes"
                        ADD COLUMN "Since" timestamp with time zone
                            DEFAULT now() NOT NULL
                    """,
                    reverse_sql="""
                        ALTER TABLE "archive"."Old boxes"
                        DROP COLUMN "Since"
                    """,
                ),
            ],
            state_operations=[
                migrations.AddField(
                    model_name="box",
                    name="traced",
                    field=models.DateTimeField(
                        db_column="Since",
                        db_index=True,
                        default=django.utils.timezone.now,
                        verbose_name="traced since",
                    ),
                ),
            ],
        ),
    ]
