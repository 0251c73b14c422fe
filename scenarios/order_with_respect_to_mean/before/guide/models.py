from django.db import models


class Guide(models.Model):
    title = models.CharField(max_length=40)


class Step(models.Model):
    guide = models.ForeignKey(Guide, models.CASCADE, db_column="Of")
    made = models.DateField()

    class Meta:
        db_table = "Steps of guides"
        order_with_respect_to = "guide"


class Picture(Step):
    url = models.URLField()
