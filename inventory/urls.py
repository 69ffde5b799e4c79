"""Addresses of the filament pages."""

from django.urls import path

from .pages import acting, adding, detail, exchange, filaments, labels, listing, scanning

app_name = "spools"
urlpatterns = [
    path("", listing.spool_list, name="list"),
    path("csv/", exchange.spools_csv, name="csv"),
    path("imports/", exchange.import_start, name="import"),
    path("imports/<uuid:pk>/", exchange.import_look, name="import_look"),
    path("imports/<uuid:pk>/wishes/", exchange.import_wishes, name="import_wishes"),
    path("labels/", labels.labels, name="labels"),
    path("scan/", scanning.scan, name="scan"),
    path("add/", adding.spool_add, name="add"),
    path("kinds/", filaments.filament_list, name="filaments"),
    path("kinds/add/", filaments.filament_form, name="filament_add"),
    path("kinds/<uuid:pk>/edit/", filaments.filament_form, name="filament_edit"),
    path("kinds/<uuid:pk>/delete/", filaments.filament_delete, name="filament_delete"),
    path("slots/<uuid:pk>/load/", acting.slot_load, name="load_slot"),
    path("<uuid:pk>/", detail.spool_detail, name="detail"),
    path("<uuid:pk>/ledger/", exchange.ledger_csv, name="ledger_csv"),
    path("<uuid:pk>/edit/", adding.spool_edit, name="edit"),
    path("<uuid:pk>/weigh/", acting.spool_weigh, name="weigh"),
    path("<uuid:pk>/load/", acting.spool_load, name="load"),
    path("<uuid:pk>/unload/", acting.spool_unload, name="unload"),
    path("<uuid:pk>/archive/", acting.spool_archive, name="archive"),
    path("<uuid:pk>/restore/", acting.spool_restore, name="restore"),
]
