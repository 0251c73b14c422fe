from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('theatre', '0001_initial'),
    ]

    operations = [
        migrations.RunSQL(
            'CREATE INDEX "Bookings by seat" ON "Bookings" (seat, "Show")',
            'DROP INDEX "Bookings by seat"',
        ),
    ]
