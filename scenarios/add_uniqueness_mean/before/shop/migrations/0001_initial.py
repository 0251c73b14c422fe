from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Person",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.IntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="Seller",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("vat", models.CharField(db_column="VAT id", max_length=30)),
                ("town", models.CharField(max_length=40)),
                ("rank", models.IntegerField(null=True)),
                (
                    "mentor",
                    models.ForeignKey(null=True, on_delete=models.SET_NULL, related_name="mentors", to="shop.person"),
                ),
            ],
            options={"db_table": "Shop sellers", "unique_together": {("town", "rank")}},
        ),
    ]
