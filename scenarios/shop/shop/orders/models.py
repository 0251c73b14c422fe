import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from shop.common.fields import MoneyField, PositiveMoneyField
from shop.common.models import TimeStampedModel, UUIDModel
from shop.orders.managers import CartQuerySet, OrderQuerySet


class Cart(UUIDModel, TimeStampedModel):
    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.CASCADE, null=True, blank=True, related_name="carts"
    )
    currency = models.CharField(max_length=3, default="EUR")
    expires_at = models.DateTimeField(null=True, blank=True)

    objects = CartQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["expires_at"],
                condition=models.Q(expires_at__isnull=False),
                name="orders_cart_expiry_idx",
            ),
        ]

    def __str__(self):
        return f"Cart {self.pk}"


class CartItem(TimeStampedModel):
    cart = models.ForeignKey(Cart, on_delete=models.CASCADE, related_name="items")
    variant = models.ForeignKey("catalog.ProductVariant", on_delete=models.CASCADE, related_name="+")
    quantity = models.PositiveIntegerField(default=1)

    class Meta:
        unique_together = [("cart", "variant")]

    def __str__(self):
        return f"{self.quantity} × {self.variant}"


class Coupon(TimeStampedModel):
    code = models.CharField(max_length=24, unique=True)
    description = models.CharField(max_length=160, blank=True)
    percentage = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    amount = PositiveMoneyField(null=True, blank=True)
    valid_from = models.DateTimeField(null=True, blank=True)
    valid_until = models.DateTimeField(null=True, blank=True)
    usage_limit = models.PositiveIntegerField(null=True, blank=True)
    segment = models.ForeignKey(
        "customers.Segment", on_delete=models.PROTECT, null=True, blank=True, related_name="coupons"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(percentage__isnull=True) ^ models.Q(amount__isnull=True),
                name="orders_coupon_percentage_or_amount",
                violation_error_message="A coupon is worth either a percentage or an amount.",
            ),
        ]

    def __str__(self):
        return self.code


class Order(TimeStampedModel):
    """The shop's busiest table: every page of the checkout, the warehouse and the support desk reads or writes it."""

    class Status(models.TextChoices):
        PENDING = "pending"
        PAID = "paid"
        ON_HOLD = "on_hold", "On hold"
        SHIPPED = "shipped"
        COMPLETED = "completed"
        CANCELLED = "cancelled"

    class Source(models.TextChoices):
        WEB = "web"
        APP = "app"
        PHONE = "phone"
        MARKETPLACE = "marketplace"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.CharField(max_length=32, unique=True)
    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, related_name="orders")
    status = models.CharField(max_length=12, choices=Status, default=Status.PENDING)
    source = models.CharField(max_length=12, choices=Source, default=Source.WEB)
    email = models.EmailField()
    locale = models.CharField(max_length=10, db_default="en")
    currency = models.CharField(max_length=3, default="EUR")
    shipping_address = models.ForeignKey(
        "customers.Address", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    billing_address = models.ForeignKey(
        "customers.Address", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    coupons = models.ManyToManyField(Coupon, through="CouponRedemption", related_name="orders")
    subtotal = MoneyField(default=0)
    discount_total = MoneyField(default=0)
    shipping_total = MoneyField(default=0)
    tax_total = MoneyField(default=0)
    total = PositiveMoneyField()
    customer_note = models.TextField(blank=True)
    tracking_number = models.CharField(max_length=64, blank=True, default="")
    placed_at = models.DateTimeField(null=True, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = OrderQuerySet.as_manager()

    class Meta:
        ordering = ["-placed_at"]
        indexes = [
            models.Index(fields=["-placed_at"], name="orders_order_recent_idx"),
            models.Index(
                fields=["customer", "placed_at"],
                condition=models.Q(status__in=["pending", "paid"]),
                include=["number", "total"],
                name="orders_order_open_idx",
            ),
            models.Index(fields=["email"], name="orders_order_email_idx"),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(total__gte=0), name="orders_order_total_not_negative"),
            models.CheckConstraint(
                condition=models.Q(archived_at=None) | models.Q(status__in=["completed", "cancelled"]),
                name="orders_order_archived_is_closed",
            ),
        ]

    def __str__(self):
        return self.number


class OrderLine(TimeStampedModel):
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    variant = models.ForeignKey("catalog.ProductVariant", on_delete=models.PROTECT, related_name="order_lines")
    position = models.PositiveSmallIntegerField(default=0)
    quantity = models.PositiveIntegerField(default=1)
    unit_price = PositiveMoneyField()
    tax_rate = models.DecimalField(max_digits=5, decimal_places=2, default=0)
    total = models.GeneratedField(
        expression=models.F("quantity") * models.F("unit_price"),
        output_field=models.DecimalField(max_digits=14, decimal_places=2),
        db_persist=True,
    )

    class Meta:
        ordering = ["order", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["order", "position"],
                deferrable=models.Deferrable.DEFERRED,
                name="orders_orderline_position_unique",
            ),
        ]

    def __str__(self):
        return f"{self.quantity} × {self.variant}"


class CouponRedemption(TimeStampedModel):
    coupon = models.ForeignKey(Coupon, on_delete=models.PROTECT, related_name="redemptions")
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="coupon_redemptions")
    discount = PositiveMoneyField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["coupon", "order"], name="orders_coupon_once_per_order")]

    def __str__(self):
        return f"{self.coupon} on {self.order}"


class OrderEvent(models.Model):
    """What happened to an order, in the words of the support desk's timeline. Never changed, never deleted."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="events")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    kind = models.CharField(max_length=40)
    data = models.JSONField(default=dict, blank=True)
    occurred_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["occurred_at"]
        indexes = [models.Index(fields=["order", "occurred_at"], name="orders_event_timeline_idx")]

    def __str__(self):
        return self.kind


class Carrier(TimeStampedModel):
    code = models.SlugField(max_length=20, unique=True)
    name = models.CharField(max_length=60)
    tracking_url = models.URLField(blank=True, help_text="{number} stands for the tracking number")
    is_active = models.BooleanField(default=True)

    def __str__(self):
        return self.name


class Shipment(TimeStampedModel):
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="shipments")
    warehouse = models.ForeignKey("catalog.Warehouse", on_delete=models.PROTECT, related_name="shipments")
    carrier = models.ForeignKey(Carrier, on_delete=models.PROTECT, null=True, blank=True, related_name="shipments")
    weight_grams = models.PositiveIntegerField(null=True, blank=True)
    shipped_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["shipped_at"],
                condition=models.Q(delivered_at=None, shipped_at__isnull=False),
                name="orders_shipment_in_transit_idx",
            ),
        ]

    def __str__(self):
        return f"Shipment {self.pk} of {self.order}"


class ShipmentLine(models.Model):
    shipment = models.ForeignKey(Shipment, on_delete=models.CASCADE, related_name="lines")
    order_line = models.ForeignKey(OrderLine, on_delete=models.PROTECT, related_name="shipment_lines")
    quantity = models.PositiveIntegerField()

    class Meta:
        unique_together = [("shipment", "order_line")]

    def __str__(self):
        return f"{self.quantity} of {self.order_line}"


class Return(UUIDModel, TimeStampedModel):
    """Goods that a customer sends, or wants to send, back."""

    class Status(models.TextChoices):
        REQUESTED = "requested"
        APPROVED = "approved"
        RECEIVED = "received"
        REJECTED = "rejected"

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="returns")
    status = models.CharField(max_length=12, choices=Status, default=Status.REQUESTED)
    reason = models.TextField()
    received_at = models.DateTimeField(null=True, blank=True)

    def __str__(self):
        return f"Return of {self.order}"


class ReturnLine(models.Model):
    request = models.ForeignKey(Return, on_delete=models.CASCADE, related_name="lines")
    order_line = models.ForeignKey(OrderLine, on_delete=models.PROTECT, related_name="return_lines")
    quantity = models.PositiveIntegerField()
    is_resaleable = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["request", "order_line"], name="orders_returnline_unique"),
            models.CheckConstraint(condition=models.Q(quantity__gt=0), name="orders_returnline_quantity_positive"),
        ]

    def __str__(self):
        return f"{self.quantity} of {self.order_line}"


class Invoice(TimeStampedModel):
    """Never changed once it is issued. Its number comes from a sequence that other systems draw from too."""

    order = models.OneToOneField(Order, on_delete=models.PROTECT, related_name="invoice")
    number = models.BigIntegerField(unique=True)
    net = MoneyField()
    tax = MoneyField()
    gross = models.GeneratedField(
        expression=models.F("net") + models.F("tax"), output_field=MoneyField(), db_persist=True
    )
    issued_at = models.DateTimeField()
    document = models.FileField(upload_to="invoices/%Y/%m/", blank=True)

    class Meta:
        ordering = ["-number"]

    def __str__(self):
        return f"Invoice {self.number}"
