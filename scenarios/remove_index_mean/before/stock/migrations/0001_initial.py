import django.db.models.constraints
import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Item',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=30)),
                ('place', models.CharField(max_length=30)),
                ('count', models.IntegerField(db_column='How Many')),
                ('sold', models.BooleanField(default=False)),
            ],
            options={
                'db_table': 'All Items',
                'indexes': [models.Index(django.db.models.functions.text.Lower('place'), name='Items by place'), models.Index(fields=['count'], include=('place',), name='Items by count')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('sold', False)), fields=('code',), name='One unsold of a code'), models.UniqueConstraint(django.db.models.functions.text.Lower('code'), models.F('place'), name='Code and place'), models.UniqueConstraint(deferrable=django.db.models.constraints.Deferrable['DEFERRED'], fields=('count', 'code'), name='Count and code'), models.CheckConstraint(condition=models.Q(('count__gte', -100000)), name='Not too few')],
            },
        ),
    ]
