from django.db import transaction
from django.db.models import F

from shop.customers.models import Address, Customer, LoyaltyAccount, LoyaltyEntry


@transaction.atomic
def make_default(address: Address) -> None:
    """Make the address the only default one of its kind."""
    siblings = Address.objects.filter(customer=address.customer_id, kind=address.kind)
    siblings.exclude(pk=address.pk).filter(is_default=True).update(is_default=False)
    address.is_default = True
    address.save(update_fields=["is_default", "updated_at"])


@transaction.atomic
def book_points(customer: Customer, points: int, reason: str) -> LoyaltyEntry:
    account, _ = LoyaltyAccount.objects.get_or_create(customer=customer)
    LoyaltyAccount.objects.filter(pk=account.pk).update(points=F("points") + points)
    return LoyaltyEntry.objects.create(account=account, points=points, reason=reason)
