from django.db import migrations


# Reads the rows while everybody keeps working, so not in the transaction that has added
# the constraint.
class Migration(migrations.Migration):
    dependencies = [
        ("rooms", "0006_room_keeper_foreign_key"),
    ]

    operations = [
        migrations.RunSQL(
            sql="""
                ALTER TABLE "Rooms"
                VALIDATE CONSTRAINT
                    "Rooms_Kept By_25350a07_fk_People_Badge No"
            """,
            reverse_sql=migrations.RunSQL.noop,
        ),
    ]
