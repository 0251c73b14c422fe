from django.contrib import admin

from shop.orders.models import (
    Carrier,
    Cart,
    CartItem,
    Coupon,
    CouponRedemption,
    Invoice,
    Order,
    OrderEvent,
    OrderLine,
    Return,
    ReturnLine,
    Shipment,
    ShipmentLine,
)


class CartItemInline(admin.TabularInline):
    model = CartItem
    raw_id_fields = ["variant"]
    extra = 0


@admin.register(Cart)
class CartAdmin(admin.ModelAdmin):
    list_display = ["id", "customer", "currency", "expires_at"]
    list_select_related = ["customer"]
    inlines = [CartItemInline]


@admin.register(Coupon)
class CouponAdmin(admin.ModelAdmin):
    list_display = ["code", "percentage", "amount", "valid_from", "valid_until", "usage_limit"]
    search_fields = ["code"]


class OrderLineInline(admin.TabularInline):
    model = OrderLine
    raw_id_fields = ["variant"]
    readonly_fields = ["total"]
    extra = 0


class CouponRedemptionInline(admin.TabularInline):
    model = CouponRedemption
    autocomplete_fields = ["coupon"]
    extra = 0


class OrderEventInline(admin.TabularInline):
    model = OrderEvent
    readonly_fields = ["occurred_at", "actor", "kind", "data"]
    extra = 0
    can_delete = False

    def has_add_permission(self, request, obj=None):
        return False


@admin.register(Order)
class OrderAdmin(admin.ModelAdmin):
    date_hierarchy = "placed_at"
    list_display = ["number", "customer", "status", "source", "total", "currency", "placed_at"]
    list_filter = ["status", "source"]
    list_select_related = ["customer"]
    search_fields = ["number", "email", "public_id"]
    raw_id_fields = ["customer", "shipping_address", "billing_address"]
    readonly_fields = ["public_id", "archived_at"]
    show_full_result_count = False
    inlines = [OrderLineInline, CouponRedemptionInline, OrderEventInline]


@admin.register(Carrier)
class CarrierAdmin(admin.ModelAdmin):
    list_display = ["name", "code", "is_active"]


class ShipmentLineInline(admin.TabularInline):
    model = ShipmentLine
    raw_id_fields = ["order_line"]
    extra = 0


@admin.register(Shipment)
class ShipmentAdmin(admin.ModelAdmin):
    list_display = ["order", "warehouse", "carrier", "shipped_at", "delivered_at"]
    list_select_related = ["order", "warehouse", "carrier"]
    raw_id_fields = ["order"]
    inlines = [ShipmentLineInline]


class ReturnLineInline(admin.TabularInline):
    model = ReturnLine
    raw_id_fields = ["order_line"]
    extra = 0


@admin.register(Return)
class ReturnAdmin(admin.ModelAdmin):
    list_display = ["order", "status", "created_at", "received_at"]
    list_filter = ["status"]
    raw_id_fields = ["order"]
    inlines = [ReturnLineInline]


@admin.register(Invoice)
class InvoiceAdmin(admin.ModelAdmin):
    list_display = ["number", "order", "net", "tax", "gross", "issued_at"]
    list_select_related = ["order"]
    readonly_fields = ["number", "gross"]
    raw_id_fields = ["order"]
