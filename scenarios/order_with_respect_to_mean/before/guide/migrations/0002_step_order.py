from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("guide", "0001_initial"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="step",
            options={},
        ),
        migrations.AlterOrderWithRespectTo(
            name="step",
            order_with_respect_to="guide",
        ),
    ]
