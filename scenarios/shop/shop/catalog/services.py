from decimal import Decimal

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from shop.catalog.models import Category, Price, PriceList, ProductVariant, StockItem, StockMovement


class OutOfStockError(Exception):
    """No warehouse has enough of the variant that is not promised to somebody else."""


def current_price(variant: ProductVariant, price_list: PriceList) -> Decimal:
    """The amount that is valid now; a price for a limited time beats the one that always holds.

    Raises:
        Price.DoesNotExist: The variant is not on the price list.
    """
    valid = Q(valid_during=None) | Q(valid_during__contains=timezone.now())
    prices = Price.objects.filter(valid, variant=variant, price_list=price_list)
    price = prices.order_by(F("valid_during").asc(nulls_last=True)).first()
    if price is None:
        raise Price.DoesNotExist(f"{variant} is not on {price_list}")
    return price.amount


@transaction.atomic
def reserve(variant: ProductVariant, quantity: int) -> StockItem:
    """Promise stock to an order, from the warehouse that has most of it."""
    items = StockItem.objects.select_for_update().filter(variant=variant, warehouse__is_active=True)
    item = items.filter(available__gte=quantity).order_by("-available").first()
    if item is None:
        raise OutOfStockError(f"{quantity} × {variant}")
    item.reserved += quantity
    item.save(update_fields=["reserved", "updated_at"])
    return item


@transaction.atomic
def move_stock(item: StockItem, change: int, reason: StockMovement.Reason, reference: str = "") -> StockMovement:
    """Book a change of stock together with the movement that explains it."""
    item = StockItem.objects.select_for_update().get(pk=item.pk)
    item.quantity += change
    item.save(update_fields=["quantity", "updated_at"])
    return StockMovement.objects.create(stock_item=item, change=change, reason=reason, reference=reference)


def rebuild_paths(parent: Category | None = None, prefix: str = "") -> None:
    """Write the path of every category below ``parent`` anew, after nodes have moved."""
    for category in Category.objects.filter(parent=parent):
        category.path = f"{prefix}/{category.slug}".lstrip("/")
        category.save(update_fields=["path", "updated_at"])
        rebuild_paths(category, category.path)
