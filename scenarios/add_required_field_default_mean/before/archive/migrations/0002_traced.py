import uuid

import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("archive", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="box",
            name="mark",
            field=models.UUIDField(default=uuid.uuid4, editable=False, unique=True),
        ),
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
        migrations.AddField(
            model_name="shelf",
            name="mark",
            field=models.UUIDField(default=uuid.uuid4, editable=False, unique=True),
        ),
        migrations.AddField(
            model_name="shelf",
            name="traced",
            field=models.DateTimeField(
                db_column="Since",
                db_index=True,
                default=django.utils.timezone.now,
                verbose_name="traced since",
            ),
        ),
    ]
