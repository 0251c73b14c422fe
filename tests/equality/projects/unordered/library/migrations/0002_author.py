from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("library", "0001_initial")]
    operations = [
        # After this, the models are no longer in the order in which they were created.
        migrations.AddField("Writer", "name", models.CharField(max_length=100, default="")),
        migrations.AddField("Writer", "born", models.DateField(null=True)),
        migrations.RenameModel("Writer", "Author"),
        migrations.AlterUniqueTogether("Author", {("id", "name"), ("name", "born"), ("born", "id")}),
        # Drops and adds all the foreign keys as well, but in the order of their names.
        migrations.AlterField("Author", "id", models.BigAutoField(primary_key=True)),
    ]
