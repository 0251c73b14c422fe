from django.db import models
from django.db.models.functions import Lower


class Account(models.Model):
    tenant = models.IntegerField()
    name = models.CharField(max_length=60)
    email = models.EmailField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "name"], name="account_name_unique"),
            models.UniqueConstraint(Lower("email"), name="account_email_unique"),
        ]
