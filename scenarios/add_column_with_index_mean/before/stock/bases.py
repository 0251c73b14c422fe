from django.db import models


class Ranked(models.Model):
    """What has a place in a list."""

    rank = models.PositiveIntegerField("rank", db_column="Rank", default=0, null=True, db_index=True)
    place = models.CharField(
        "place", db_column="Place", db_comment="Aisle and shelf", max_length=20, unique=True, null=True
    )

    class Meta:
        abstract = True
