from django.db import models



class Crate(models.Model):
    code = models.CharField(max_length=20)
    fill = models.IntegerField(null=True, db_column="How Full")
    colour = models.CharField(max_length=20)

    class Meta:
        db_table = 'depot"."All Crates'
        indexes = [models.Index(fields=["code"], name="Crates by code")]
