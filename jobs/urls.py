"""Addresses of the queue's pages."""

from django.urls import path

from .pages import (
    acting,
    adding,
    bulk,
    deciding,
    detail,
    failures,
    judging,
    listing,
    presets,
    reasons,
    slots,
)

app_name = "jobs"
urlpatterns = [
    path("", listing.job_list, name="list"),
    path("live/", listing.job_live, name="live"),
    path("bulk/", bulk.job_bulk, name="bulk"),
    path("add/", adding.job_add, name="add"),
    path("add/file/", adding.job_file, name="file"),
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
    path("<uuid:pk>/slots/", slots.job_slots, name="slots"),
    path("<uuid:pk>/resolve/", acting.job_resolve, name="resolve"),
    path("<uuid:pk>/again/", acting.job_again, name="again"),
    path("<uuid:pk>/approve/", deciding.job_approve, name="approve"),
    path("<uuid:pk>/reject/", deciding.job_reject, name="reject"),
    path("<uuid:pk>/ask-change/", deciding.job_ask_change, name="ask_change"),
    path("<uuid:pk>/resubmit/", deciding.job_resubmit, name="resubmit"),
    path("<uuid:pk>/delete/", acting.job_delete, name="delete"),
    path("<uuid:pk>/good/", judging.job_good, name="all_good"),
    path("<uuid:pk>/reprint/", judging.job_reprint, name="reprint"),
    path("<uuid:pk>/copies/<int:copy>/", judging.copy_judge, name="judge"),
    path("<uuid:pk>/copies/<int:copy>/good/", judging.copy_good, name="good"),
    path("<uuid:pk>/copies/<int:copy>/photo/", judging.copy_photo, name="photo"),
    path("failures/", failures.failure_list, name="failures"),
    path("reasons/", reasons.reason_list, name="reasons"),
    path("reasons/<uuid:pk>/", reasons.reason_edit, name="reason_edit"),
    path("reasons/<uuid:pk>/retire/", reasons.reason_retire, name="reason_retire"),
    path("reasons/<uuid:pk>/restore/", reasons.reason_restore, name="reason_restore"),
]
