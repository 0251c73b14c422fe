from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("shipping", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(
            """
            create index parcel_weight on shipping_parcel (weight);

            alter table shipping_parcel
                add constraint parcel_not_empty check (weight >= 0 or code = ''),
                alter column fee set default 0;

            update shipping_parcel
               set fee = 2
             where fee = 0 or fee is null;
            """,
            """
            alter table shipping_parcel
                alter column fee drop default,
                drop constraint parcel_not_empty;
            drop index parcel_weight;
            """,
            state_operations=[
                migrations.AddIndex(
                    model_name="parcel",
                    index=models.Index(fields=["weight"], name="parcel_weight"),
                ),
            ],
        ),
    ]
