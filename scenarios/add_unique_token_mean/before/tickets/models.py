import secrets
import uuid

from django.db import models


def new_code():
    return secrets.token_hex(8)


class Event(models.Model):
    title = models.CharField(max_length=80)
    code = models.CharField("code", db_column="Code", max_length=16, default=new_code, unique=True, null=True)


class Ticket(models.Model):
    code = models.SlugField(primary_key=True)

    class Meta:
        db_table = "Tickets"


class Season(Ticket):
    """A ticket for a whole season."""

    seat = models.PositiveSmallIntegerField()
    token = models.UUIDField(db_column="Token", default=uuid.uuid4, unique=True, null=True)
