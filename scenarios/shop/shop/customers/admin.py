from django.contrib import admin

from shop.customers.models import (
    Address,
    Consent,
    Customer,
    LoyaltyAccount,
    LoyaltyEntry,
    Note,
    Segment,
    SegmentMembership,
)


class AddressInline(admin.StackedInline):
    model = Address
    extra = 0


class NoteInline(admin.TabularInline):
    model = Note
    extra = 0


@admin.register(Customer)
class CustomerAdmin(admin.ModelAdmin):
    list_display = ["number", "full_name", "email", "lifetime_value"]
    search_fields = ["number", "email", "full_name"]
    readonly_fields = ["number", "full_name", "lifetime_value"]
    inlines = [AddressInline, NoteInline]


class SegmentMembershipInline(admin.TabularInline):
    model = SegmentMembership
    raw_id_fields = ["customer"]
    extra = 0


@admin.register(Segment)
class SegmentAdmin(admin.ModelAdmin):
    list_display = ["name", "description"]
    inlines = [SegmentMembershipInline]


@admin.register(Consent)
class ConsentAdmin(admin.ModelAdmin):
    list_display = ["customer", "purpose", "granted", "source", "created_at"]
    list_filter = ["purpose", "granted"]
    list_select_related = ["customer"]


class LoyaltyEntryInline(admin.TabularInline):
    model = LoyaltyEntry
    extra = 0


@admin.register(LoyaltyAccount)
class LoyaltyAccountAdmin(admin.ModelAdmin):
    list_display = ["customer", "tier", "points"]
    inlines = [LoyaltyEntryInline]
