from django.db import migrations, models


def referring(name: str) -> migrations.CreateModel:
    return migrations.CreateModel(
        name,
        [
            ("id", models.AutoField(primary_key=True)),
            ("writer", models.ForeignKey("library.Writer", models.CASCADE)),
        ],
    )


class Migration(migrations.Migration):
    initial = True
    operations = [
        migrations.CreateModel("Writer", [("id", models.AutoField(primary_key=True))]),
        *map(referring, ["Article", "Book", "Comment", "Essay", "Letter", "Poem"]),
    ]
