from django.db import models
from shop.bases import Priced


class Article(Priced):
    keeper = models.ForeignKey("people.Person", models.PROTECT, db_column="Kept by", related_name="kept", null=True)

    class Meta:
        db_table = "Articles"


class Book(Article):
    pages = models.PositiveSmallIntegerField(default=1, null=True)
