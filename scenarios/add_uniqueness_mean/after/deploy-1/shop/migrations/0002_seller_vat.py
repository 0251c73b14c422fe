from django.db import migrations, models

LONGER = 40


# Deploy 1 of 3 of what was 0002_unique. The column changes by itself; what is built for
# it comes after.
class Migration(migrations.Migration):
    dependencies = [
        ("shop", "0001_initial"),
    ]

    operations = [
        migrations.AlterField(
            model_name="seller",
            name="vat",
            field=models.CharField(db_column='VAT id', max_length=LONGER),  # the tax office has no two
        ),
    ]
