from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("quiz", "0001_initial"),
    ]

    operations = [
        migrations.AlterOrderWithRespectTo(
            name="answer",
            order_with_respect_to="question",
        ),
    ]
