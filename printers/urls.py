"""Addresses of this app's pages."""

from django.urls import path

from .commands import COMMANDS
from .pages import (
    bulk,
    commanding,
    detail,
    editing,
    listing,
    nearby,
    plates,
    saving,
    stopping,
    tags,
    telemetry,
)

app_name = "printers"
urlpatterns = [
    path("", listing.printer_list, name="list"),
    path("live/", listing.fleet_live, name="live"),
    path("tags/", tags.tag_list, name="tags"),
    path("tags/<uuid:pk>/edit/", tags.tag_edit, name="tag_edit"),
    path("tags/<uuid:pk>/delete/", tags.tag_delete, name="tag_delete"),
    path("views/", saving.view_list, name="views"),
    path("views/add/", saving.view_add, name="view_add"),
    path("views/<uuid:pk>/edit/", saving.view_edit, name="view_edit"),
    path("views/<uuid:pk>/delete/", saving.view_delete, name="view_delete"),
    path("bulk/", bulk.printer_bulk, name="bulk"),
    path("stop/", stopping.stop_all, name="stop_all"),
    path("stop/<uuid:pk>/", stopping.stopped, name="stopped"),
    path("stop/<uuid:pk>/live/", stopping.stopped_live, name="stopped_live"),
    path("add/", editing.printer_form, name="add"),
    path("test/", editing.printer_test, name="test_new"),
    path("nearby/", nearby.printers_nearby, name="nearby"),
    path("<uuid:pk>/", detail.printer_detail, name="detail"),
    path("<uuid:pk>/live/", detail.printer_live, name="detail_live"),
    path("<uuid:pk>/telemetry/", telemetry.printer_telemetry, name="telemetry"),
    path("<uuid:pk>/edit/", editing.printer_form, name="edit"),
    path("<uuid:pk>/test/", editing.printer_test, name="test"),
    path("<uuid:pk>/delete/", editing.printer_delete, name="delete"),
    path("<uuid:pk>/plate-cleared/", commanding.plate_cleared, name="plate_cleared"),
    path("<uuid:pk>/plate/", plates.plate, name="plate"),
    path("<uuid:pk>/plate/said/", plates.plate_said, name="plate_said"),
    path("plate-codes/", plates.plate_codes, name="plate_codes"),
    path("<uuid:pk>/release/", commanding.release, name="release"),
    path("<uuid:pk>/adjust/<str:name>/", commanding.adjust, name="adjust"),
    path("<uuid:pk>/enable/", commanding.service, {"enabled": True}, name="enable"),
    path("<uuid:pk>/disable/", commanding.service, {"enabled": False}, name="disable"),
    path("<uuid:pk>/out-of-service/", commanding.out_of_service, name="out_of_service"),
    *(
        path(f"<uuid:pk>/{name.replace('_', '-')}/", commanding.command, {"name": name}, name=name)
        for name in COMMANDS
    ),
]
