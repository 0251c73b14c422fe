from datetime import timedelta
from decimal import Decimal

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Sum
from django.utils import timezone

from shop.catalog.models import PriceList
from shop.catalog.services import current_price, reserve
from shop.customers.models import Customer
from shop.orders.models import Cart, Coupon, CouponRedemption, Invoice, Order, OrderEvent, OrderLine, Shipment
from shop.users.models import User


def touch(cart: Cart) -> None:
    """Keep the cart for another while."""
    cart.expires_at = timezone.now() + timedelta(days=settings.SHOP_CART_LIFETIME_DAYS)
    cart.save(update_fields=["expires_at", "updated_at"])


@transaction.atomic
def place_order(cart: Cart, customer: Customer, number: str, price_list: PriceList) -> Order:
    """Turn a cart into an order: prices are fixed, stock is promised, the cart is gone.

    Raises:
        OutOfStockError: A line cannot be served.
    """
    order = Order.objects.create(
        number=number, customer=customer, email=customer.email, currency=price_list.currency, total=0
    )
    for position, item in enumerate(cart.items.select_related("variant").order_by("created_at"), start=1):
        reserve(item.variant, item.quantity)
        OrderLine.objects.create(
            order=order,
            position=position,
            variant=item.variant,
            quantity=item.quantity,
            unit_price=current_price(item.variant, price_list),
        )
    order.subtotal = order.lines.aggregate(sum=Sum("total", default=0))["sum"]
    order.total = order.subtotal + order.shipping_total
    order.placed_at = timezone.now()
    order.save()
    record(order, "placed", None, lines=order.lines.count())
    cart.delete()
    return order


@transaction.atomic
def redeem(coupon: Coupon, order: Order) -> CouponRedemption:
    discount = coupon.amount or (order.subtotal * coupon.percentage / 100).quantize(Decimal("0.01"))
    redemption = CouponRedemption.objects.create(coupon=coupon, order=order, discount=min(discount, order.total))
    order.discount_total += redemption.discount
    order.total -= redemption.discount
    order.save(update_fields=["discount_total", "total", "updated_at"])
    return redemption


@transaction.atomic
def mark_shipped(shipment: Shipment, actor: User | None = None) -> None:
    shipment.shipped_at = timezone.now()
    shipment.save(update_fields=["shipped_at", "updated_at"])
    order = shipment.order
    order.status = Order.Status.SHIPPED
    order.save(update_fields=["status", "updated_at"])
    record(order, "shipped", actor, shipment=shipment.pk)


@transaction.atomic
def issue_invoice(order: Order) -> Invoice:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('orders_invoice_number')")
        [number] = cursor.fetchone()
    invoice = Invoice.objects.create(
        order=order, number=number, net=order.total - order.tax_total, tax=order.tax_total, issued_at=timezone.now()
    )
    record(order, "invoiced", None, number=number)
    return invoice


def record(order: Order, kind: str, actor: User | None, **data: int | str) -> OrderEvent:
    """Add a line to the order's timeline."""
    return OrderEvent.objects.create(order=order, kind=kind, actor=actor, data=data)


def archive(before: timedelta = timedelta(days=3 * 365)) -> int:
    """Archive what has been closed for long; returns how many orders that were."""
    now = timezone.now()
    return Order.objects.archivable(now - before).update(archived_at=now)
