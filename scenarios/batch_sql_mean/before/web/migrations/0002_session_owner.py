import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0001_initial"),
        ("web", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="session",
            name="owner",
            field=models.ForeignKey(
                db_column="Owner", null=True, on_delete=django.db.models.deletion.CASCADE, to="people.person"
            ),
        ),
    ]
