from django.db import migrations


# Deploy 2 of 3 of what was 0002_unique. The index becomes the constraint, which reads
# no row. If the lock is not to be had soon, this fails: try again. A constraint is
# dropped, which takes a moment; if the lock is not to be had soon, this fails: try
# again.
class Migration(migrations.Migration):
    dependencies = [
        ("shop", "0007_seller_unique_together_index"),
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
                                "Shop sellers_VAT id_town_04c0b138_uniq"
                                UNIQUE USING INDEX
                                "Shop sellers_VAT id_town_04c0b138_uniq"
                        """,
                    ],
                    reverse_sql="""
                        ALTER TABLE "Shop sellers"
                        DROP CONSTRAINT
                            "Shop sellers_VAT id_town_04c0b138_uniq"
                    """,
                ),
                migrations.RunSQL(
                    sql=[
                        "SET LOCAL lock_timeout = '2s'",
                        """
                            ALTER TABLE "Shop sellers"
                            DROP CONSTRAINT
                                "Shop sellers_town_rank_857c83e1_uniq"
                        """,
                    ],
                    reverse_sql="""
                        ALTER TABLE "Shop sellers"
                        ADD CONSTRAINT
                            "Shop sellers_town_rank_857c83e1_uniq" UNIQUE
                            ("town", "rank")
                    """,
                ),
            ],
            state_operations=[
                migrations.AlterUniqueTogether(
                    name="seller",
                    unique_together={("vat", "town")},
                ),
            ],
        ),
    ]
