"""Addresses of the library's pages."""

from django.urls import path

from . import views
from .pages.bulk import model_bulk

app_name = "models"
urlpatterns = [
    path("", views.model_list, name="list"),
    path("live/", views.model_live, name="live"),
    path("bulk/", model_bulk, name="bulk"),
    path("upload/", views.model_upload, name="upload"),
    path("<uuid:pk>/", views.model_detail, name="detail"),
    path("<uuid:pk>/current/", views.model_current, name="current"),
    path("<uuid:pk>/edit/", views.model_edit, name="edit"),
    path("<uuid:pk>/revise/", views.model_revise, name="revise"),
    path("<uuid:pk>/delete/", views.model_delete, name="delete"),
    path("<uuid:pk>/revisions/<int:number>/revert/", views.model_revert, name="revert"),
    path("<uuid:pk>/revisions/<int:number>/file/", views.revision_file, name="file"),
    path("<uuid:pk>/revisions/<int:number>/thumbnail/", views.revision_thumbnail, name="thumbnail"),
]
