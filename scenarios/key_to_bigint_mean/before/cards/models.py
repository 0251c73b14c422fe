from django.db import models


class Card(models.Model):
    id = models.BigAutoField(primary_key=True)
    person = models.ForeignKey("people.Person", models.PROTECT)
    kind = models.CharField(max_length=10)

    class Meta:
        unique_together = [("person", "kind")]
