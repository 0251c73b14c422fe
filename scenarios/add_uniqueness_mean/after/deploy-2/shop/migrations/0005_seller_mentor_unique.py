from django.db import migrations, models


# Deploy 2 of 3 of what was 0002_unique. The index becomes the constraint, which reads
# no row. If the lock is not to be had soon, this fails: try again.
class Migration(migrations.Migration):
    dependencies = [
        ("shop", "0004_seller_mentor_unique_index"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    sql=[
                        "SET LOCAL lock_timeout = '2s'",
                        """
                            ALTER TABLE "Shop sellers"
                            ADD CONSTRAINT
                                "Shop sellers_mentor_id_28733729_uniq" UNIQUE
                                USING INDEX
                                "Shop sellers_mentor_id_28733729_uniq"
                        """,
                    ],
                    reverse_sql="""
                        ALTER TABLE "Shop sellers"
                        DROP CONSTRAINT
                            "Shop sellers_mentor_id_28733729_uniq"
                    """,
                ),
            ],
            state_operations=[
                migrations.AlterField(
                    model_name="seller",
                    name="mentor",
                    field=models.OneToOneField(
                        null=True,
                        on_delete=models.SET_NULL,
                        related_name="mentors",
                        to="shop.person",
                    ),
                ),
            ],
        ),
    ]
