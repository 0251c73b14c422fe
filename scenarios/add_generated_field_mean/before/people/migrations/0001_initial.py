from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.RunSQL("CREATE SCHEMA hr", "DROP SCHEMA hr"),
        migrations.CreateModel(
            name="Person",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("first", models.CharField(db_column="First Name", max_length=60, verbose_name="first name")),
                ("last", models.CharField(db_column="Last Name", max_length=60, verbose_name="last name")),
            ],
            options={
                "db_table": 'hr"."People',
            },
        ),
    ]
