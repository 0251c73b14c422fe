from django.db import models


class CustomerQuerySet(models.QuerySet):
    def registered(self):
        return self.filter(user__isnull=False)

    def guests(self):
        return self.filter(user__isnull=True)

    def consenting_to(self, purpose):
        """Customers whose latest word on ``purpose`` is yes."""
        from shop.customers.models import Consent

        latest = Consent.objects.filter(customer=models.OuterRef("pk"), purpose=purpose).order_by("-created_at")
        return self.annotate(latest_consent=models.Subquery(latest.values("granted")[:1])).filter(latest_consent=True)
