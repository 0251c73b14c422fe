from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("parties", "0001_initial"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="party",
            name="Parties by name",
        ),
        migrations.RenameField(
            model_name="party",
            old_name="vat",
            new_name="user",
        ),
        migrations.AddIndex(
            model_name="party",
            index=models.Index(fields=["name", "-user"], name="Parties by name"),
        ),
    ]
