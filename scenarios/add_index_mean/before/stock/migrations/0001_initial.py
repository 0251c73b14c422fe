from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.RunSQL("CREATE SCHEMA warehouse", "DROP SCHEMA warehouse"),
        migrations.CreateModel(
            name="Item",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(db_column="Item name", max_length=80)),
                ("number", models.CharField(max_length=30)),
                ("labels", models.JSONField(default=dict)),
                ("sold", models.DateField(null=True)),
            ],
            options={"db_table": 'warehouse"."Stock items'},
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    [
                        "CREATE TABLE stock_reading (id bigint, day date, sensor integer NOT NULL, PRIMARY KEY (id, day))"
                        " PARTITION BY RANGE (day)",
                        "CREATE TABLE stock_reading_2024 PARTITION OF stock_reading"
                        " FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')",
                        'CREATE TABLE "stock_reading later" PARTITION OF stock_reading DEFAULT',
                        "CREATE INDEX sensor_in_2024 ON stock_reading_2024 (sensor, day)",
                        "CREATE INDEX reading_day ON stock_reading (day)",
                    ],
                    "DROP TABLE stock_reading",
                )
            ],
            state_operations=[
                migrations.CreateModel(
                    name="Reading",
                    fields=[
                        ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                        ("day", models.DateField()),
                        ("sensor", models.IntegerField()),
                    ],
                    options={"indexes": [models.Index(fields=["day"], name="reading_day")]},
                ),
            ],
        ),
    ]
