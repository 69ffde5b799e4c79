"""Addresses of the filament pages."""

from django.urls import path

from .pages import acting, adding, bulk, detail, drying, drying_rules, filaments, listing, tags

app_name = "spools"
urlpatterns = [
    path("", listing.spool_list, name="list"),
    path("add/", adding.spool_add, name="add"),
    path("kinds/", filaments.filament_list, name="filaments"),
    path("kinds/add/", filaments.filament_form, name="filament_add"),
    path("kinds/<uuid:pk>/edit/", filaments.filament_form, name="filament_edit"),
    path("kinds/<uuid:pk>/delete/", filaments.filament_delete, name="filament_delete"),
    path("bulk/", bulk.spool_bulk, name="bulk"),
    path("drying/", drying.drying_list, name="dryings"),
    path("drying/add/", drying.drying_add, name="drying_add"),
    path("drying/rules/", drying_rules.rule_list, name="drying_rules"),
    path("drying/rules/set/", drying_rules.rule_form, name="drying_rule_set"),
    path("drying/rules/<uuid:pk>/forget/", drying_rules.rule_forget, name="drying_rule_forget"),
    path("drying/<uuid:pk>/edit/", drying.drying_edit, name="drying_edit"),
    path("drying/<uuid:pk>/delete/", drying.drying_delete, name="drying_delete"),
    path("tags/", tags.tag_list, name="tags"),
    path("tags/<uuid:pk>/edit/", tags.tag_edit, name="tag_edit"),
    path("tags/<uuid:pk>/delete/", tags.tag_delete, name="tag_delete"),
    path("slots/<uuid:pk>/load/", acting.slot_load, name="load_slot"),
    path("<uuid:pk>/", detail.spool_detail, name="detail"),
    path("<uuid:pk>/edit/", adding.spool_edit, name="edit"),
    path("<uuid:pk>/tags/", tags.spool_tags, name="set_tags"),
    path("<uuid:pk>/weigh/", acting.spool_weigh, name="weigh"),
    path("<uuid:pk>/load/", acting.spool_load, name="load"),
    path("<uuid:pk>/unload/", acting.spool_unload, name="unload"),
    path("<uuid:pk>/archive/", acting.spool_archive, name="archive"),
    path("<uuid:pk>/restore/", acting.spool_restore, name="restore"),
]
