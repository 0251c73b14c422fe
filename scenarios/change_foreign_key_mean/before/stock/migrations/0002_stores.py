import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("stock", "0001_initial"),
        ("stores", "0001_initial"),
    ]

    operations = [
        migrations.AlterField(
            model_name="item",
            name="keeper",
            field=models.ForeignKey(
                db_column="Wer",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="kept",
                to="stores.store",
            ),
        ),
        migrations.AlterField(
            model_name="item",
            name="place",
            field=models.ForeignKey(db_column="Wo", on_delete=django.db.models.deletion.PROTECT, to="stores.store"),
        ),
    ]
