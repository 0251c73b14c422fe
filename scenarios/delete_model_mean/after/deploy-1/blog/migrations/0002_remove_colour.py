from django.db import migrations


# Deploy 1 of 2 of what was 0002_no_labels. Leaves the models only: running code still
# uses blog_colour.
class Migration(migrations.Migration):
    dependencies = [
        ('blog', '0001_initial'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.DeleteModel(
                    name='Colour',
                ),
            ],
        ),
    ]
