from decimal import Decimal
from typing import Any

from django.core.validators import MinValueValidator
from django.db import models


class MoneyField(models.DecimalField):
    """An amount in the currency of the row it belongs to: 12 digits unless told otherwise, 2 of them decimals."""

    def __init__(self, *args: Any, max_digits: int = 12, decimal_places: int = 2, **kwargs: Any) -> None:
        super().__init__(*args, max_digits=max_digits, decimal_places=decimal_places, **kwargs)


class PositiveMoneyField(MoneyField):
    """An amount that forms refuse below zero; the database has its own check constraints."""

    default_validators = [MinValueValidator(Decimal(0))]
