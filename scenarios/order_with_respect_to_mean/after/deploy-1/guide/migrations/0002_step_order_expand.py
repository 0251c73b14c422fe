from django.db import migrations


# Deploy 1 of 2 of what was 0002_step_order.
class Migration(migrations.Migration):
    dependencies = [
        ("guide", "0001_initial"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="step",
            options={},
        ),
    ]
