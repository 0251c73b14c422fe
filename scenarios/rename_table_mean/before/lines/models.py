from django.db import models


class Line(models.Model):
    invoice = models.ForeignKey("billing.Invoice", models.CASCADE)
    text = models.TextField()
