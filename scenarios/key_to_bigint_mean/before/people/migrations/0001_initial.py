import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Group",
            fields=[
                ("code", models.BigIntegerField(primary_key=True, serialize=False)),
            ],
        ),
        migrations.CreateModel(
            name="Person",
            fields=[
                ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=40)),
                ("groups", models.ManyToManyField(to="people.group")),
                (
                    "parent",
                    models.ForeignKey(
                        db_column="Parent", null=True, on_delete=django.db.models.deletion.SET_NULL, to="people.person"
                    ),
                ),
            ],
            options={
                "db_table": "People",
            },
        ),
        migrations.CreateModel(
            name="Member",
            fields=[
                (
                    "person_ptr",
                    models.OneToOneField(
                        auto_created=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        parent_link=True,
                        primary_key=True,
                        serialize=False,
                        to="people.person",
                    ),
                ),
                ("since", models.DateField()),
            ],
            bases=("people.person",),
        ),
    ]
