"""The trail in Django's admin: the platform's, and each organisation's."""

from django.contrib import admin

from odin_site.admin import ReadOnly, org_admin, platform_admin

from .models import Entry


@admin.register(Entry, site=platform_admin)
@admin.register(Entry, site=org_admin)
class EntryAdmin(ReadOnly[Entry]):
    list_display = ("at", "actor", "via", "address", "action", "target")
    list_filter = ("action",)
    search_fields = ("actor", "action", "target")
    show_full_result_count = False
