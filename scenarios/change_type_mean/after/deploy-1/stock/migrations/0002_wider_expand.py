from django.db import migrations


# Deploy 1 of 3 of what was 0002_wider.
class Migration(migrations.Migration):
    dependencies = [
        ("stock", "0001_initial"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="item",
            options={"ordering": ["place"]},
        ),
        migrations.AlterModelTableComment(
            name="item",
            table_comment="What is in the store; prices without tax",
        ),
    ]
