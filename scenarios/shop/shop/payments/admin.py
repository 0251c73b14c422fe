from django.contrib import admin

from shop.payments.models import Dispute, LedgerEntry, Payment, PaymentMethod, Payout, PayoutLine, Refund, WebhookEvent


class ReadOnlyAdmin(admin.ModelAdmin):
    """For what only services write."""

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(PaymentMethod)
class PaymentMethodAdmin(ReadOnlyAdmin):
    list_display = ["label", "kind", "customer", "expires_on"]
    list_select_related = ["customer"]


class RefundInline(admin.TabularInline):
    model = Refund
    raw_id_fields = ["goods_return"]
    extra = 0


@admin.register(Payment)
class PaymentAdmin(admin.ModelAdmin):
    list_display = ["order", "provider", "status", "amount", "currency", "captured_at"]
    list_filter = ["status", "provider"]
    list_select_related = ["order"]
    search_fields = ["provider_reference", "order__number"]
    raw_id_fields = ["order", "method"]
    inlines = [RefundInline]


class PayoutLineInline(admin.TabularInline):
    model = PayoutLine
    raw_id_fields = ["payment"]
    extra = 0


@admin.register(Payout)
class PayoutAdmin(admin.ModelAdmin):
    list_display = ["reference", "provider", "amount", "arrived_on"]
    inlines = [PayoutLineInline]


@admin.register(Dispute)
class DisputeAdmin(admin.ModelAdmin):
    list_display = ["payment", "outcome", "amount", "respond_by"]
    list_filter = ["outcome"]
    raw_id_fields = ["payment"]


@admin.register(LedgerEntry)
class LedgerEntryAdmin(ReadOnlyAdmin):
    list_display = ["booked_at", "account", "amount", "currency", "memo"]
    search_fields = ["account", "transaction"]


@admin.register(WebhookEvent)
class WebhookEventAdmin(ReadOnlyAdmin):
    list_display = ["provider", "event_id", "received_at", "processed_at"]
    list_filter = ["provider", ("processed_at", admin.EmptyFieldListFilter)]
