from django.db import models
from django.utils import timezone


class CartQuerySet(models.QuerySet):
    def expired(self):
        return self.filter(expires_at__lt=timezone.now())


class OrderQuerySet(models.QuerySet):
    def open(self):
        """Orders that somebody still has to do something about; served by ``orders_order_open_idx``."""
        return self.filter(status__in=[self.model.Status.PENDING, self.model.Status.PAID])

    def placed(self):
        return self.filter(placed_at__isnull=False)

    def archivable(self, before):
        return self.filter(
            status__in=[self.model.Status.COMPLETED, self.model.Status.CANCELLED],
            placed_at__lt=before,
            archived_at=None,
        )

    def with_details(self):
        return self.select_related("customer", "shipping_address", "billing_address").prefetch_related("lines__variant")
