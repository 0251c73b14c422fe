import uuid
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from shop.orders.models import Order
from shop.orders.services import record
from shop.payments.models import LedgerEntry, Payment, Refund


@transaction.atomic
def capture(payment: Payment) -> None:
    """Book an authorised payment as received and the order as paid."""
    payment.status = Payment.Status.CAPTURED
    payment.captured_at = timezone.now()
    payment.save(update_fields=["status", "captured_at", "updated_at"])
    book(payment.order, debit=f"clearing:{payment.provider}", credit="receivables", amount=payment.amount)
    payment.order.status = Order.Status.PAID
    payment.order.save(update_fields=["status", "updated_at"])
    record(payment.order, "paid", None, payment=str(payment.pk))


@transaction.atomic
def refund(payment: Payment, amount: Decimal, reason: Refund.Reason, comment: str = "") -> Refund:
    book(payment.order, debit="receivables", credit=f"clearing:{payment.provider}", amount=amount)
    return Refund.objects.create(payment=payment, amount=amount, reason=reason, comment=comment)


def book(order: Order, *, debit: str, credit: str, amount: Decimal) -> None:
    """Write the two entries of a transaction; together they are zero."""
    transaction_id = uuid.uuid4()
    LedgerEntry.objects.bulk_create(
        LedgerEntry(
            account=account,
            order=order,
            amount=signed,
            currency=order.currency,
            transaction=transaction_id,
            memo=order.number,
        )
        for account, signed in ((debit, amount), (credit, -amount))
    )
