import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("rooms", "0002_posts"),
        ("staff", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="guard",
            name="post",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="guarded_by",
                to="rooms.room",
            ),
        ),
    ]
