from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from shop.catalog.managers import ProductQuerySet
from shop.common.fields import PositiveMoneyField
from shop.common.models import TimeStampedModel


class Category(TimeStampedModel):
    """A node of the tree that customers browse."""

    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    name = models.CharField(max_length=80)
    slug = models.SlugField(max_length=80, unique=True)
    position = models.PositiveSmallIntegerField(default=0)
    path = models.CharField(
        max_length=255, db_default="", editable=False, help_text="Slugs from the root, for breadcrumbs"
    )

    class Meta:
        verbose_name_plural = "categories"
        ordering = ["position", "name"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(parent=models.F("id")), name="catalog_category_not_its_own_parent"
            ),
        ]

    def __str__(self):
        return self.name


class Brand(TimeStampedModel):
    name = models.CharField(max_length=80, unique=True)
    slug = models.SlugField(max_length=80, unique=True)
    website = models.URLField(blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self):
        return self.name


class Tag(models.Model):
    name = models.CharField(max_length=40, unique=True)

    class Meta:
        ordering = ["name"]

    def __str__(self):
        return self.name


class Product(TimeStampedModel):
    class Status(models.TextChoices):
        DRAFT = "draft"
        PUBLISHED = "published"
        PREORDER = "preorder", "Open for pre-orders"
        DISCONTINUED = "discontinued"

    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="products")
    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, null=True, blank=True, related_name="products")
    tags = models.ManyToManyField(Tag, blank=True, related_name="products")
    name = models.CharField(max_length=255)
    slug = models.SlugField(max_length=120, unique=True)
    description = models.TextField(blank=True)
    status = models.CharField(max_length=20, choices=Status, default=Status.DRAFT)
    published_at = models.DateTimeField(null=True, blank=True)
    search_document = SearchVectorField(null=True, editable=False)

    objects = ProductQuerySet.as_manager()

    class Meta:
        indexes = [
            GinIndex(fields=["search_document"], name="catalog_product_search_idx"),
            models.Index(
                fields=["category", "-published_at"],
                condition=models.Q(status="published"),
                include=["name", "slug"],
                name="catalog_product_published_idx",
            ),
        ]

    def __str__(self):
        return self.name


class ProductImage(TimeStampedModel):
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="images")
    image = models.FileField(upload_to="products/%Y/%m/")
    alt_text = models.CharField(max_length=160, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position"]

    def __str__(self):
        return self.alt_text or self.image.name


class Attribute(models.Model):
    """A property that tells variants of a product apart, like colour or size."""

    name = models.CharField(max_length=60, unique=True)
    unit = models.CharField(max_length=12, blank=True)

    def __str__(self):
        return self.name


class AttributeValue(models.Model):
    attribute = models.ForeignKey(Attribute, on_delete=models.CASCADE, related_name="values")
    value = models.CharField(max_length=80)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["attribute", "position"]
        constraints = [models.UniqueConstraint(fields=["attribute", "value"], name="catalog_attributevalue_unique")]

    def __str__(self):
        return f"{self.attribute}: {self.value}"


class ProductVariant(TimeStampedModel):
    """What is really bought, stored and shipped: a product in one size and colour."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="variants")
    attributes = models.ManyToManyField(AttributeValue, blank=True, related_name="variants")
    sku = models.CharField("SKU", max_length=40, unique=True)
    barcode = models.CharField(max_length=14, null=True, blank=True, help_text="GTIN")
    name = models.CharField(max_length=120, blank=True)
    is_active = models.BooleanField(default=True)
    weight_grams = models.PositiveIntegerField(null=True, blank=True)
    length_mm = models.PositiveIntegerField(null=True, blank=True)
    width_mm = models.PositiveIntegerField(null=True, blank=True)
    height_mm = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["sku"]
        constraints = [
            models.UniqueConstraint(
                fields=["barcode"], condition=models.Q(barcode__isnull=False), name="catalog_variant_barcode_unique"
            ),
        ]

    def __str__(self):
        return f"{self.product} {self.name}".rstrip()


class PriceList(TimeStampedModel):
    name = models.CharField(max_length=60, unique=True)
    currency = models.CharField(max_length=3)
    includes_tax = models.BooleanField(default=True)
    is_default = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"], condition=models.Q(is_default=True), name="catalog_pricelist_one_default"
            ),
        ]

    def __str__(self):
        return f"{self.name} ({self.currency})"


class Price(TimeStampedModel):
    """What a variant costs on a price list, for as long as it is valid."""

    price_list = models.ForeignKey(PriceList, on_delete=models.CASCADE, related_name="prices")
    variant = models.ForeignKey(ProductVariant, on_delete=models.CASCADE, related_name="prices")
    amount = PositiveMoneyField()
    valid_during = DateTimeRangeField(null=True, blank=True, help_text="Empty: always")

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="catalog_price_no_overlap",
                expressions=[
                    ("price_list", RangeOperators.EQUAL),
                    ("variant", RangeOperators.EQUAL),
                    ("valid_during", RangeOperators.OVERLAPS),
                ],
            ),
            # NULL overlaps nothing, not even itself.
            models.UniqueConstraint(
                fields=["price_list", "variant"],
                condition=models.Q(valid_during=None),
                name="catalog_price_one_without_end",
            ),
        ]

    def __str__(self):
        return f"{self.variant}: {self.amount} {self.price_list.currency}"


class Warehouse(TimeStampedModel):
    code = models.CharField(max_length=8, unique=True)
    name = models.CharField(max_length=80)
    country = models.CharField(max_length=2)
    is_active = models.BooleanField(default=True)
    stock = models.ManyToManyField(ProductVariant, through="StockItem", related_name="warehouses")

    def __str__(self):
        return self.code


class StockItem(TimeStampedModel):
    """How much of a variant a warehouse has, and how much of that is promised to orders."""

    warehouse = models.ForeignKey(Warehouse, on_delete=models.PROTECT, related_name="stock_items")
    variant = models.ForeignKey(ProductVariant, on_delete=models.PROTECT, related_name="stock_items")
    quantity = models.IntegerField(default=0)
    reserved = models.IntegerField(default=0)
    available = models.GeneratedField(
        expression=models.F("quantity") - models.F("reserved"), output_field=models.IntegerField(), db_persist=True
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["warehouse", "variant"], name="catalog_stockitem_unique"),
            models.CheckConstraint(
                condition=models.Q(reserved__gte=0) & models.Q(quantity__gte=models.F("reserved")),
                name="catalog_stockitem_reserved_in_stock",
            ),
        ]

    def __str__(self):
        return f"{self.variant} in {self.warehouse}: {self.quantity}"


class StockMovement(models.Model):
    """Every change of stock, written by each sale, delivery and correction. The largest table of the catalog."""

    class Reason(models.TextChoices):
        DELIVERY = "delivery"
        SALE = "sale"
        RETURN = "return"
        CORRECTION = "correction"

    stock_item = models.ForeignKey(StockItem, on_delete=models.PROTECT, related_name="movements")
    change = models.IntegerField()
    reason = models.CharField(max_length=12, choices=Reason)
    reference = models.CharField(max_length=40, blank=True)
    moved_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["reference"], name="catalog_movement_ref_idx")]
        constraints = [models.CheckConstraint(condition=~models.Q(change=0), name="catalog_stockmovement_moves_stock")]

    def __str__(self):
        return f"{self.change:+} {self.reason}"


class ProductReview(TimeStampedModel):
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="reviews")
    customer = models.ForeignKey("customers.Customer", on_delete=models.CASCADE, related_name="reviews")
    rating = models.PositiveSmallIntegerField(validators=[MinValueValidator(1), MaxValueValidator(5)])
    title = models.CharField(max_length=120, blank=True)
    text = models.TextField(blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(fields=["product", "customer"], name="catalog_review_one_per_customer"),
            models.CheckConstraint(condition=models.Q(rating__range=(1, 5)), name="catalog_review_rating_range"),
        ]

    def __str__(self):
        return f"{self.rating}/5 {self.title}".rstrip()


class Collection(TimeStampedModel):
    """Products that the shop's editors present together."""

    title = models.CharField(max_length=120)
    slug = models.SlugField(max_length=120, unique=True)
    products = models.ManyToManyField(Product, through="CollectionProduct", related_name="collections")
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")), name="catalog_collection_ends_after_start"
            ),
        ]

    def __str__(self):
        return self.title


class CollectionProduct(models.Model):
    collection = models.ForeignKey(Collection, on_delete=models.CASCADE, related_name="entries")
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="collection_entries")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["collection", "product"], name="catalog_collection_product_once")
        ]

    def __str__(self):
        return f"{self.product} in {self.collection}"
