import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Guide",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("title", models.CharField(max_length=40)),
            ],
        ),
        migrations.CreateModel(
            name="Step",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("made", models.DateField()),
                (
                    "guide",
                    models.ForeignKey(db_column="Of", on_delete=django.db.models.deletion.CASCADE, to="guide.guide"),
                ),
            ],
            options={
                "db_table": "Steps of guides",
                "ordering": ["made"],
            },
        ),
        migrations.CreateModel(
            name="Picture",
            fields=[
                (
                    "step_ptr",
                    models.OneToOneField(
                        auto_created=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        parent_link=True,
                        primary_key=True,
                        serialize=False,
                        to="guide.step",
                    ),
                ),
                ("url", models.URLField()),
            ],
            bases=("guide.step",),
        ),
    ]
