"""Addresses of the queue's pages."""

from django.urls import path

from .pages import acting, adding, detail, listing

app_name = "jobs"
urlpatterns = [
    path("", listing.job_list, name="list"),
    path("live/", listing.job_live, name="live"),
    path("add/", adding.job_add, name="add"),
    path("add/file/", adding.job_file, name="file"),
    path("add/left/", adding.job_left, name="left"),
    path("<uuid:pk>/", detail.job_detail, name="detail"),
    path("<uuid:pk>/live/", detail.job_detail_live, name="detail_live"),
    path("<uuid:pk>/edit/", detail.job_edit, name="edit"),
    path("<uuid:pk>/cancel/", acting.job_cancel, name="cancel"),
    path("<uuid:pk>/move/", acting.job_move, name="move"),
    path("<uuid:pk>/start/", acting.job_start, name="start"),
    path("<uuid:pk>/resolve/", acting.job_resolve, name="resolve"),
    path("<uuid:pk>/again/", acting.job_again, name="again"),
    path("<uuid:pk>/delete/", acting.job_delete, name="delete"),
]
