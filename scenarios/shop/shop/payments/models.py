from django.contrib.postgres.indexes import GinIndex
from django.db import models

from shop.common.fields import MoneyField, PositiveMoneyField
from shop.common.models import TimeStampedModel, UUIDModel


class PaymentMethod(UUIDModel, TimeStampedModel):
    """A card or account that a customer has stored with a provider. We keep only what the provider lets us show."""

    class Kind(models.TextChoices):
        CARD = "card"
        SEPA = "sepa", "SEPA direct debit"
        PAYPAL = "paypal", "PayPal"

    customer = models.ForeignKey("customers.Customer", on_delete=models.CASCADE, related_name="payment_methods")
    kind = models.CharField(max_length=10, choices=Kind)
    label = models.CharField(max_length=60, help_text="What the customer sees, like “Visa …4242”")
    provider_token = models.CharField(max_length=120, unique=True)
    fingerprint = models.CharField(max_length=64, blank=True)
    expires_on = models.DateField(null=True, blank=True)

    def __str__(self):
        return self.label


class Payment(UUIDModel, TimeStampedModel):
    class Status(models.TextChoices):
        PENDING = "pending"
        AUTHORISED = "authorised"
        CAPTURED = "captured"
        FAILED = "failed"

    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="payments")
    method = models.ForeignKey(PaymentMethod, on_delete=models.SET_NULL, null=True, blank=True, related_name="payments")
    provider = models.CharField(max_length=20)
    provider_reference = models.CharField(max_length=120, blank=True)
    status = models.CharField(max_length=12, choices=Status, default=Status.PENDING)
    amount = MoneyField(max_digits=14, decimal_places=4)
    currency = models.CharField(max_length=3, db_default="EUR")
    fee = PositiveMoneyField(default=0)
    captured_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "provider_reference"],
                condition=~models.Q(provider_reference=""),
                name="payments_payment_reference_unique",
            ),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="payments_payment_amount_positive"),
        ]

    def __str__(self):
        return f"{self.amount} {self.currency} by {self.provider}"


class Refund(UUIDModel, TimeStampedModel):
    class Reason(models.TextChoices):
        RETURN = "return"
        GOODWILL = "goodwill"
        FRAUD = "fraud"
        DUPLICATE = "duplicate"

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="refunds")
    goods_return = models.ForeignKey(
        "orders.Return", on_delete=models.PROTECT, null=True, blank=True, related_name="refunds"
    )
    amount = PositiveMoneyField()
    reason = models.CharField(max_length=12, choices=Reason, default=Reason.RETURN)
    comment = models.CharField(max_length=255, blank=True)
    provider_reference = models.CharField(max_length=120, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)

    def __str__(self):
        return f"{self.amount} back"


class Payout(UUIDModel, TimeStampedModel):
    """Money that a provider transfers to our bank: many payments, less its fees."""

    provider = models.CharField(max_length=20)
    reference = models.CharField(max_length=120)
    amount = MoneyField()
    arrived_on = models.DateField(null=True, blank=True)
    payments = models.ManyToManyField(Payment, through="PayoutLine", related_name="payouts")

    class Meta:
        unique_together = [("provider", "reference")]

    def __str__(self):
        return self.reference


class PayoutLine(models.Model):
    payout = models.ForeignKey(Payout, on_delete=models.CASCADE, related_name="lines")
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="payout_lines")
    gross = MoneyField()
    fee = PositiveMoneyField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["payout", "payment"], name="payments_payoutline_unique")]

    def __str__(self):
        return f"{self.payment} in {self.payout}"


class Dispute(UUIDModel, TimeStampedModel):
    class Outcome(models.TextChoices):
        OPEN = "open"
        WON = "won"
        LOST = "lost"

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="disputes")
    outcome = models.CharField(max_length=8, choices=Outcome, default=Outcome.OPEN)
    amount = PositiveMoneyField()
    respond_by = models.DateTimeField()
    evidence = models.JSONField(default=dict, blank=True)

    def __str__(self):
        return f"Dispute about {self.payment}"


class LedgerEntry(models.Model):
    """Double-entry bookkeeping of all money that moves. A trigger refuses updates and deletes."""

    account = models.CharField(max_length=40)
    order = models.ForeignKey(
        "orders.Order", on_delete=models.PROTECT, null=True, blank=True, related_name="ledger_entries"
    )
    amount = MoneyField()
    currency = models.CharField(max_length=3)
    transaction = models.UUIDField(help_text="Entries of one transaction add up to zero")
    memo = models.CharField(max_length=160, blank=True)
    booked_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "ledger entries"
        indexes = [
            models.Index(fields=["account", "booked_at"], include=["amount"], name="payments_ledger_balance_idx"),
            models.Index(fields=["transaction"], name="payments_ledger_txn_idx"),
        ]

    def __str__(self):
        return f"{self.account}: {self.amount} {self.currency}"


class WebhookEvent(models.Model):
    """What providers tell us, kept as it came until it is processed."""

    provider = models.CharField(max_length=20)
    event_id = models.CharField(max_length=120)
    payload = models.JSONField()
    received_at = models.DateTimeField(auto_now_add=True)
    processed_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["received_at"],
                condition=models.Q(processed_at=None),
                name="payments_webhook_pending_idx",
            ),
            GinIndex(fields=["payload"], opclasses=["jsonb_path_ops"], name="payments_webhook_payload_idx"),
        ]
        constraints = [models.UniqueConstraint(fields=["provider", "event_id"], name="payments_webhook_once")]

    def __str__(self):
        return f"{self.provider} {self.event_id}"
