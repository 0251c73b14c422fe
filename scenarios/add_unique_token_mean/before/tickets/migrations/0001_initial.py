import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Event",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("title", models.CharField(max_length=80)),
            ],
        ),
        migrations.CreateModel(
            name="Ticket",
            fields=[
                ("code", models.SlugField(primary_key=True, serialize=False)),
            ],
            options={
                "db_table": "Tickets",
            },
        ),
        migrations.CreateModel(
            name="Season",
            fields=[
                (
                    "ticket_ptr",
                    models.OneToOneField(
                        auto_created=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        parent_link=True,
                        primary_key=True,
                        serialize=False,
                        to="tickets.ticket",
                    ),
                ),
                ("seat", models.PositiveSmallIntegerField()),
            ],
            bases=("tickets.ticket",),
        ),
    ]
