import uuid

from django.db import models
from django.utils import timezone


class Traced(models.Model):
    """What can be traced back to where it came from."""

    traced = models.DateTimeField("traced since", db_column="Since", default=timezone.now, db_index=True)
    mark = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    class Meta:
        abstract = True
