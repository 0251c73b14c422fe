from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('web', '0001_initial'),
    ]

    operations = [
        migrations.RunSQL("DELETE FROM web_session WHERE owner = 'nobody'"),
        migrations.RunSQL("UPDATE web_session SET status = 'open' WHERE status IS NULL", migrations.RunSQL.noop),
    ]
