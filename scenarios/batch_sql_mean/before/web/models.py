from django.db import models


class Session(models.Model):
    key = models.CharField(max_length=40, primary_key=True, db_column="Key")
    owner = models.ForeignKey("people.Person", models.CASCADE, db_column="Owner", null=True)
    status = models.CharField(max_length=20, null=True, db_column="Status")
    agent = models.CharField(max_length=80, blank=True)

    class Meta:
        db_table = "Web Sessions"
