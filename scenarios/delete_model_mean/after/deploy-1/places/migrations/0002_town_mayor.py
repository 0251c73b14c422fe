import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('blog', '0004_remove_label'),
        ('places', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='town',
            name='mayor',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='blog.author'),
        ),
    ]
