from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("web", "0004_update_web_sessions_status"),
    ]

    operations = [
        migrations.RunSQL(
            """UPDATE "Web Sessions" SET "Status" = 'closed' WHERE "Status" = 'gone'""",
            """UPDATE "Web Sessions" SET "Status" = 'gone' WHERE "Status" = 'closed'""",
        ),
    ]
