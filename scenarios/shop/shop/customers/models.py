from django.conf import settings
from django.db import models
from django.db.models.functions import Concat, Lower, Now

from shop.common.fields import MoneyField
from shop.common.models import TimeStampedModel
from shop.customers.managers import CustomerQuerySet


class Customer(TimeStampedModel):
    """A person or company that buys. Guests have no user."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="customer"
    )
    number = models.CharField(max_length=12, unique=True, editable=False)
    email = models.EmailField()
    first_name = models.CharField(max_length=80)
    last_name = models.CharField(max_length=80)
    full_name = models.GeneratedField(
        expression=Concat("first_name", models.Value(" "), "last_name"),
        output_field=models.CharField(max_length=161),
        db_persist=True,
    )
    phone = models.CharField(max_length=32, blank=True)
    lifetime_value = MoneyField(null=True, blank=True, editable=False)

    objects = CustomerQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(Lower("email"), name="customers_email_lower_idx")]
        constraints = [models.UniqueConstraint(fields=["email"], name="customers_customer_email_unique")]

    def __str__(self):
        return f"{self.first_name} {self.last_name}"


class Address(TimeStampedModel):
    class Kind(models.TextChoices):
        SHIPPING = "shipping"
        BILLING = "billing"

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="addresses")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.SHIPPING)
    is_default = models.BooleanField(default=False)
    recipient = models.CharField(max_length=160)
    company = models.CharField(max_length=120, blank=True)
    vat_number = models.CharField("VAT number", max_length=20, blank=True)
    line1 = models.CharField("address", max_length=160)
    line2 = models.CharField("address, second line", max_length=160, blank=True)
    postal_code = models.CharField(max_length=16)
    city = models.CharField(max_length=80)
    country = models.CharField(max_length=2, help_text="ISO 3166-1 alpha-2 code")

    class Meta:
        verbose_name_plural = "addresses"
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "kind"],
                condition=models.Q(is_default=True),
                name="customers_address_one_default_per_kind",
            ),
        ]

    def __str__(self):
        return f"{self.recipient}, {self.line1}, {self.postal_code} {self.city}, {self.country}"


class Segment(TimeStampedModel):
    """A group of customers that marketing addresses together."""

    name = models.CharField(max_length=80, unique=True)
    description = models.TextField(blank=True)
    rule = models.JSONField(default=dict, blank=True, help_text="Whom the nightly job puts in; empty: by hand only")
    customers = models.ManyToManyField(Customer, through="SegmentMembership", related_name="segments")

    class Meta:
        ordering = ["name"]

    def __str__(self):
        return self.name


class SegmentMembership(models.Model):
    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="memberships")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="segment_memberships")
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    added_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["segment", "customer"], name="customers_segment_member_once")]

    def __str__(self):
        return f"{self.customer} in {self.segment}"


class Consent(TimeStampedModel):
    """What a customer has agreed to. A new row for every change: the last one counts."""

    class Purpose(models.TextChoices):
        NEWSLETTER = "newsletter"
        PROFILING = "profiling"
        THIRD_PARTY = "third_party", "Sharing with third parties"

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="consents")
    purpose = models.CharField(max_length=20, choices=Purpose)
    granted = models.BooleanField()
    source = models.CharField(max_length=80, help_text="Form or conversation in which it was given")
    ip_address = models.GenericIPAddressField(null=True, blank=True)

    class Meta:
        get_latest_by = "created_at"
        indexes = [models.Index(fields=["customer", "purpose", "-created_at"], name="customers_consent_latest_idx")]

    def __str__(self):
        return f"{self.purpose}: {'yes' if self.granted else 'no'}"


class LoyaltyAccount(TimeStampedModel):
    class Tier(models.TextChoices):
        BRONZE = "bronze"
        SILVER = "silver"
        GOLD = "gold"

    customer = models.OneToOneField(Customer, on_delete=models.CASCADE, related_name="loyalty_account")
    tier = models.CharField(max_length=10, choices=Tier, default=Tier.BRONZE)
    points = models.PositiveIntegerField(default=0)

    def __str__(self):
        return f"{self.customer}: {self.points} points"


class LoyaltyEntry(models.Model):
    """One movement of points; the account's balance is their sum."""

    account = models.ForeignKey(LoyaltyAccount, on_delete=models.PROTECT, related_name="entries")
    points = models.IntegerField()
    reason = models.CharField(max_length=120)
    booked_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "loyalty entries"
        ordering = ["-booked_at"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(points=0), name="customers_loyaltyentry_moves_points")
        ]

    def __str__(self):
        return f"{self.points:+} {self.reason}"


class Note(TimeStampedModel):
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="notes")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    is_pinned = models.BooleanField(default=False)

    class Meta:
        ordering = ["-is_pinned", "-created_at"]

    def __str__(self):
        return self.text[:60]
