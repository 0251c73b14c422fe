import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('crm', '0001_initial'),
        ('docs', '0009_remove_document_year'),
    ]

    operations = [
        migrations.AddField(
            model_name='person',
            name='letter',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='docs.letter'),
        ),
    ]
