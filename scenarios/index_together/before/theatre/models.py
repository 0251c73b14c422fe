from django.db import models



class Show(models.Model):
    house = models.IntegerField(db_column="House")
    day = models.DateField()
    title = models.CharField(max_length=80)

    class Meta:
        db_table = "Shows"
        index_together = [("house", "day")]
