import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="order",
            name="token",
            field=models.UUIDField(default=uuid.uuid4, null=True, unique=True),
        ),
    ]
