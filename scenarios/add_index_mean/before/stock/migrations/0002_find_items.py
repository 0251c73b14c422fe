import django.contrib.postgres.indexes as indexes
from django.db import migrations, models
from django.db.models import F
from django.db.models.functions import Lower


class Migration(migrations.Migration):
    dependencies = [("stock", "0001_initial")]

    operations = [
        # Written rarely, read all the time.
        migrations.AddIndex("item", indexes.GinIndex(fields=["labels"], name="Item labels", fastupdate=False)),
        migrations.AddIndex(
            model_name="item",
            index=models.Index(Lower("name"), F("sold").desc(), name="Item name, latest first"),
        ),
        migrations.AlterField("item", "number", models.CharField(max_length=30, db_index=True)),
        migrations.AddIndex(
            "reading",
            models.Index(fields=["sensor", "day"], name="reading_sensor_day"),  # dashboards
        ),
        migrations.RemoveIndex(model_name="reading", name="reading_day"),
    ]
