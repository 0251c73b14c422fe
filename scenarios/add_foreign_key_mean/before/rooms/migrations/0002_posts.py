import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("rooms", "0001_initial"),
        ("staff", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="room",
            name="annex",
            field=models.ForeignKey(
                db_constraint=False, null=True, on_delete=django.db.models.deletion.CASCADE, to="rooms.room"
            ),
        ),
        migrations.AddField(
            model_name="room",
            name="keeper",
            field=models.ForeignKey(
                db_column="Kept By",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                to="staff.person",
                to_field="badge",
            ),
        ),
    ]
