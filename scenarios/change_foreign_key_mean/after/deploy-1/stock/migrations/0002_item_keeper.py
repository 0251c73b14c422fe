import django.db.models.deletion
from django.db import migrations, models


# Deploy 1 of 2 of what was 0002_stores. Code of both releases may write what it knows:
# there is no foreign key yet.
class Migration(migrations.Migration):
    dependencies = [
        ("stock", "0001_initial"),
        ("stores", "0001_initial"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
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
            ],
        ),
    ]
