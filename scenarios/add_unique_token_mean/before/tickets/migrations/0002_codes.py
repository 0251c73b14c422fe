import uuid

import tickets.models
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="event",
            name="code",
            field=models.CharField(
                db_column="Code",
                default=tickets.models.new_code,
                max_length=16,
                null=True,
                unique=True,
                verbose_name="code",
            ),
        ),
        migrations.AddField(
            model_name="season",
            name="token",
            field=models.UUIDField(db_column="Token", default=uuid.uuid4, null=True, unique=True),
        ),
    ]
