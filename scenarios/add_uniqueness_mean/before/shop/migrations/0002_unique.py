from django.db import migrations, models

LONGEST = 30


class Migration(migrations.Migration):
    dependencies = [
        ("shop", "0001_initial"),
    ]

    operations = [
        migrations.AlterField(
            model_name="seller",
            name="vat",
            field=models.CharField(db_column="VAT id", max_length=LONGEST, unique=True),  # the tax office has no two
        ),
        migrations.AlterField(
            model_name="seller",
            name="mentor",
            field=models.OneToOneField(null=True, on_delete=models.SET_NULL, related_name="mentors", to="shop.person"),
        ),
        migrations.AlterUniqueTogether(name="seller", unique_together={("vat", "town")}),
        migrations.AddConstraint(
            model_name="seller",
            constraint=models.UniqueConstraint(
                deferrable=models.Deferrable.DEFERRED,
                fields=("rank", "town"),
                name="sellers_of_a_town_have_different_ranks_once_all_is_said_and_don",
            ),
        ),
    ]
