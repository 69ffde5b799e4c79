"""Addresses of the filament pages."""

from django.urls import path

from .pages import acting, adding, detail, filaments, listing, locations, reels, slots

app_name = "spools"
urlpatterns = [
    path("", listing.spool_list, name="list"),
    path("add/", adding.spool_add, name="add"),
    path("kinds/", filaments.filament_list, name="filaments"),
    path("kinds/add/", filaments.filament_form, name="filament_add"),
    path("kinds/<uuid:pk>/edit/", filaments.filament_form, name="filament_edit"),
    path("kinds/<uuid:pk>/delete/", filaments.filament_delete, name="filament_delete"),
    path("slots/<uuid:pk>/load/", slots.slot_load, name="load_slot"),
    path("locations/", locations.location_list, name="locations"),
    path("locations/add/", locations.location_form, name="location_add"),
    path("locations/<uuid:pk>/edit/", locations.location_form, name="location_edit"),
    path("locations/<uuid:pk>/merge/", locations.location_merge, name="location_merge"),
    path("locations/<uuid:pk>/delete/", locations.location_delete, name="location_delete"),
    path("reels/", reels.reel_list, name="reels"),
    path("reels/<uuid:pk>/delete/", reels.reel_delete, name="reel_delete"),
    path("<uuid:pk>/", detail.spool_detail, name="detail"),
    path("<uuid:pk>/edit/", adding.spool_edit, name="edit"),
    path("<uuid:pk>/weigh/", acting.spool_weigh, name="weigh"),
    path("<uuid:pk>/move/", acting.spool_move, name="move"),
    path("<uuid:pk>/load/", acting.spool_load, name="load"),
    path("<uuid:pk>/unload/", acting.spool_unload, name="unload"),
    path("<uuid:pk>/archive/", acting.spool_archive, name="archive"),
    path("<uuid:pk>/restore/", acting.spool_restore, name="restore"),
]
