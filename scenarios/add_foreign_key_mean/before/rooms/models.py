from django.db import models


class Room(models.Model):
    number = models.CharField(max_length=12, primary_key=True)
    keeper = models.ForeignKey("staff.Person", models.SET_NULL, to_field="badge", db_column="Kept By", null=True)
    annex = models.ForeignKey("self", models.CASCADE, db_constraint=False, null=True)

    class Meta:
        db_table = "Rooms"
