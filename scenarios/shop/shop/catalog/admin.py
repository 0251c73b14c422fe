from django.contrib import admin

from shop.catalog.models import (
    Attribute,
    AttributeValue,
    Brand,
    Category,
    Collection,
    CollectionProduct,
    Price,
    PriceList,
    Product,
    ProductImage,
    ProductReview,
    ProductVariant,
    StockItem,
    StockMovement,
    Tag,
    Warehouse,
)


@admin.register(Category)
class CategoryAdmin(admin.ModelAdmin):
    list_display = ["name", "parent", "position"]
    prepopulated_fields = {"slug": ["name"]}


@admin.register(Brand)
class BrandAdmin(admin.ModelAdmin):
    search_fields = ["name"]
    prepopulated_fields = {"slug": ["name"]}


class ProductVariantInline(admin.TabularInline):
    model = ProductVariant
    fields = ["sku", "barcode", "name", "is_active"]
    extra = 0


class ProductImageInline(admin.TabularInline):
    model = ProductImage
    extra = 0


@admin.register(Product)
class ProductAdmin(admin.ModelAdmin):
    list_display = ["name", "category", "brand", "status", "published_at"]
    list_filter = ["status", "category"]
    list_select_related = ["category", "brand"]
    search_fields = ["name", "variants__sku"]
    autocomplete_fields = ["brand"]
    filter_horizontal = ["tags"]
    prepopulated_fields = {"slug": ["name"]}
    inlines = [ProductVariantInline, ProductImageInline]


class AttributeValueInline(admin.TabularInline):
    model = AttributeValue
    extra = 0


@admin.register(Attribute)
class AttributeAdmin(admin.ModelAdmin):
    inlines = [AttributeValueInline]


@admin.register(PriceList)
class PriceListAdmin(admin.ModelAdmin):
    list_display = ["name", "currency", "includes_tax", "is_default"]


@admin.register(Price)
class PriceAdmin(admin.ModelAdmin):
    list_display = ["variant", "price_list", "amount", "valid_during"]
    list_select_related = ["variant__product", "price_list"]
    raw_id_fields = ["variant"]


@admin.register(StockItem)
class StockItemAdmin(admin.ModelAdmin):
    list_display = ["variant", "warehouse", "quantity", "reserved", "available"]
    list_select_related = ["variant__product", "warehouse"]
    readonly_fields = ["available"]


@admin.register(StockMovement)
class StockMovementAdmin(admin.ModelAdmin):
    list_display = ["moved_at", "stock_item", "change", "reason", "reference"]
    raw_id_fields = ["stock_item"]
    show_full_result_count = False


class CollectionProductInline(admin.TabularInline):
    model = CollectionProduct
    raw_id_fields = ["product"]
    extra = 0


@admin.register(Collection)
class CollectionAdmin(admin.ModelAdmin):
    list_display = ["title", "starts_at", "ends_at"]
    inlines = [CollectionProductInline]


@admin.register(ProductReview)
class ProductReviewAdmin(admin.ModelAdmin):
    list_display = ["product", "customer", "rating", "approved_at"]
    list_filter = ["rating"]
    list_select_related = ["product", "customer"]


admin.site.register([Tag, Warehouse])
