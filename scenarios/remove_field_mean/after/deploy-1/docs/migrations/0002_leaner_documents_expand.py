from django.db import migrations


# Deploy 1 of 2 of what was 0002_leaner_documents.
class Migration(migrations.Migration):
    dependencies = [
        ('docs', '0001_initial'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='document',
            name='Old are short',
        ),
        migrations.RemoveIndex(
            model_name='document',
            name='Year and pages',
        ),
        migrations.AlterUniqueTogether(
            name='document',
            unique_together=set(),
        ),
    ]
