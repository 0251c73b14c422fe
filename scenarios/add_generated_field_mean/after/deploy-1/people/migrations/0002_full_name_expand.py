import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="person",
            name="born",
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name="person",
            name="full",
            field=models.GeneratedField(
                db_column="Full Name",
                db_persist=True,
                expression=django.db.models.functions.text.Concat("first", models.Value(" "), "last"),
                output_field=models.CharField(max_length=121),
                unique=True,
            ),
        ),
    ]
