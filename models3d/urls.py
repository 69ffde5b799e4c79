"""Addresses of the library's pages."""

from django.urls import path

from .pages import acting, bulk, collections, comparing, detail, files, layers, listing, uploading

app_name = "models"
urlpatterns = [
    path("", listing.model_list, name="list"),
    path("live/", listing.model_live, name="live"),
    path("bulk/", bulk.model_bulk, name="bulk"),
    path("upload/", uploading.model_upload, name="upload"),
    path("collections/", collections.collection_list, name="collections"),
    path("collections/<uuid:pk>/rename/", collections.collection_rename, name="collection_rename"),
    path("collections/<uuid:pk>/delete/", collections.collection_delete, name="collection_delete"),
    path("<uuid:pk>/", detail.model_detail, name="detail"),
    path("<uuid:pk>/current/", detail.model_current, name="current"),
    path("<uuid:pk>/fits/", detail.model_fits, name="fits"),
    path("<uuid:pk>/compare/", comparing.model_compare, name="compare"),
    path("<uuid:pk>/edit/", acting.model_edit, name="edit"),
    path("<uuid:pk>/revise/", uploading.model_revise, name="revise"),
    path("<uuid:pk>/star/", acting.model_star, name="star"),
    path("<uuid:pk>/archive/", acting.model_archive, name="archive"),
    path("<uuid:pk>/restore/", acting.model_restore, name="restore"),
    path("<uuid:pk>/delete/", acting.model_delete, name="delete"),
    path("<uuid:pk>/purge/", acting.model_purge, name="purge"),
    path("<uuid:pk>/move-jobs/", acting.move_jobs, name="move_jobs"),
    path("<uuid:pk>/revisions/<int:number>/revert/", acting.model_revert, name="revert"),
    path("<uuid:pk>/revisions/<int:number>/file/", files.revision_file, name="file"),
    path("<uuid:pk>/revisions/<int:number>/thumbnail/", files.revision_thumbnail, name="thumbnail"),
    path("<uuid:pk>/revisions/<int:number>/plates/<int:plate>/layers/", layers.plate_layers, name="layers"),
    path(
        "<uuid:pk>/revisions/<int:number>/plates/<int:plate>/layers/<int:layer>/",
        layers.plate_layer,
        name="layer",
    ),
]
