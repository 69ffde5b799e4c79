"""Models in Django's admin."""

from django.contrib import admin

from odin_site.admin import Audited, ReadOnly, look_at, org_admin

from .models import Collection, Favourite, Model3D, Plate, Revision, StoredFile, Tag


@admin.register(Model3D, site=org_admin)
class ModelAdmin(Audited[Model3D]):
    list_display = ("name", "by", "created_at", "deleted_at")
    list_select_related = ("by",)
    search_fields = ("name",)
    fields = ("name", "created_at", "deleted_at")
    readonly_fields = ("created_at", "deleted_at")

    def has_add_permission(self, request: object) -> bool:
        return False


@admin.register(Revision, site=org_admin)
class RevisionAdmin(ReadOnly[Revision]):
    list_display = ("model", "number", "status", "kind", "by", "at")
    list_filter = ("status", "kind")
    list_select_related = ("model", "by")
    search_fields = ("model__name", "original_name")


@admin.register(Tag, site=org_admin)
class TagAdmin(Audited[Tag]):
    search_fields = ("name",)


look_at(org_admin, Collection, "name", search=["name"])
look_at(org_admin, StoredFile, "sha256", "size", "stored_at", search=["sha256"])
look_at(org_admin, Plate, "revision", "number", "title", "print_s", "grams")
look_at(org_admin, Favourite, "model", "user")
