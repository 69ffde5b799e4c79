"""Addresses of the queue's pages."""

from django.urls import path

from .pages import acting, adding, bulk, deciding, detail, listing, presets

app_name = "jobs"
urlpatterns = [
    path("", listing.job_list, name="list"),
    path("live/", listing.job_live, name="live"),
    path("bulk/", bulk.job_bulk, name="bulk"),
    path("add/", adding.job_add, name="add"),
    path("add/file/", adding.job_file, name="file"),
    path("add/left/", adding.job_left, name="left"),
    path("presets/", presets.preset_list, name="presets"),
    path("presets/add/", presets.preset_add, name="preset_add"),
    path("presets/<uuid:pk>/edit/", presets.preset_edit, name="preset_edit"),
    path("presets/<uuid:pk>/delete/", presets.preset_delete, name="preset_delete"),
    path("<uuid:pk>/", detail.job_detail, name="detail"),
    path("<uuid:pk>/live/", detail.job_detail_live, name="detail_live"),
    path("<uuid:pk>/edit/", detail.job_edit, name="edit"),
    path("<uuid:pk>/cancel/", acting.job_cancel, name="cancel"),
    path("<uuid:pk>/move/", acting.job_move, name="move"),
    path("<uuid:pk>/start/", acting.job_start, name="start"),
    path("<uuid:pk>/resolve/", acting.job_resolve, name="resolve"),
    path("<uuid:pk>/again/", acting.job_again, name="again"),
    path("<uuid:pk>/approve/", deciding.job_approve, name="approve"),
    path("<uuid:pk>/reject/", deciding.job_reject, name="reject"),
    path("<uuid:pk>/ask-change/", deciding.job_ask_change, name="ask_change"),
    path("<uuid:pk>/resubmit/", deciding.job_resubmit, name="resubmit"),
    path("<uuid:pk>/delete/", acting.job_delete, name="delete"),
]
