"""Addresses of this app's pages."""

from django.urls import path

from .commands import COMMANDS
from .pages import commanding, detail, editing, listing, nearby, plates

app_name = "printers"
urlpatterns = [
    path("", listing.printer_list, name="list"),
    path("live/", listing.fleet_live, name="live"),
    path("add/", editing.printer_form, name="add"),
    path("test/", editing.printer_test, name="test_new"),
    path("nearby/", nearby.printers_nearby, name="nearby"),
    path("<uuid:pk>/", detail.printer_detail, name="detail"),
    path("<uuid:pk>/live/", detail.printer_live, name="detail_live"),
    path("<uuid:pk>/edit/", editing.printer_form, name="edit"),
    path("<uuid:pk>/test/", editing.printer_test, name="test"),
    path("<uuid:pk>/delete/", editing.printer_delete, name="delete"),
    path("<uuid:pk>/plate-cleared/", commanding.plate_cleared, name="plate_cleared"),
    path("<uuid:pk>/plate/", plates.plate, name="plate"),
    path("<uuid:pk>/plate/said/", plates.plate_said, name="plate_said"),
    path("plate-codes/", plates.plate_codes, name="plate_codes"),
    path("<uuid:pk>/release/", commanding.release, name="release"),
    path("<uuid:pk>/enable/", commanding.service, {"enabled": True}, name="enable"),
    path("<uuid:pk>/disable/", commanding.service, {"enabled": False}, name="disable"),
    path("<uuid:pk>/out-of-service/", commanding.out_of_service, name="out_of_service"),
    *(
        path(f"<uuid:pk>/{name.replace('_', '-')}/", commanding.command, {"name": name}, name=name)
        for name in COMMANDS
    ),
]
