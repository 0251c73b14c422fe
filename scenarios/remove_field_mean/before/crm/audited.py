from django.db import models



class Audited(models.Model):
    """What every document has."""

    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        abstract = True
