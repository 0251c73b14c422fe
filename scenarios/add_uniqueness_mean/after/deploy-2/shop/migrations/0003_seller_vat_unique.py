from django.db import migrations, models

LONGEST = 30


# Deploy 2 of 3 of what was 0002_unique. The index becomes the constraint, which reads
# no row. If the lock is not to be had soon, this fails: try again.
class Migration(migrations.Migration):
    dependencies = [
        ("shop", "0002_seller_vat_unique_index"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    sql=[
                        "SET LOCAL lock_timeout = '2s'",
                        """
                            ALTER TABLE "Shop sellers"
                            ADD CONSTRAINT "Shop sellers_VAT id_8f25375f_uniq"
                                UNIQUE USING INDEX
                                "Shop sellers_VAT id_8f25375f_uniq"
                        """,
                    ],
                    reverse_sql="""
                        ALTER TABLE "Shop sellers"
                        DROP CONSTRAINT
                            "Shop sellers_VAT id_8f25375f_uniq"
                    """,
                ),
            ],
            state_operations=[
                migrations.AlterField(
                    model_name="seller",
                    name="vat",
                    field=models.CharField(db_column="VAT id", max_length=LONGEST, unique=True),  # the tax office has no two
                ),
            ],
        ),
    ]
