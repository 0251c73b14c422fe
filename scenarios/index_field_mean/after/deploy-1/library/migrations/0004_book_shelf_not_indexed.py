import django.db.models.deletion
from django.db import migrations, models


# Dropped concurrently, so that nobody waits; if that fails, try again.
class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('library', '0002_book_code_index'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    sql="""
                        DROP INDEX CONCURRENTLY IF EXISTS
                            "All Books_Shelf_d50184a1"
                    """,
                    reverse_sql=[
                        """
                            DROP INDEX CONCURRENTLY IF EXISTS
                                "All Books_Shelf_d50184a1"
                        """,
                        """
                            CREATE INDEX CONCURRENTLY
                                "All Books_Shelf_d50184a1"
                            ON "All Books" ("Shelf")
                        """,
                    ],
                ),
            ],
            state_operations=[
                migrations.AlterField(
                    model_name='book',
                    name='shelf',
                    field=models.ForeignKey(
                        db_column='Shelf',
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        to='library.shelf',
                    ),
                ),
            ],
        ),
    ]
