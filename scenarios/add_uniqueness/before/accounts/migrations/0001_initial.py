from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Account",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("tenant", models.IntegerField()),
                ("name", models.CharField(max_length=60)),
                ("email", models.EmailField(max_length=254)),
            ],
        ),
    ]
