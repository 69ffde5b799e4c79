"""Addresses below a slicer's inbox. All but the pages are for programs with a key (orgs.rest.refusals)."""

from django.urls import path

from .pages import inbox, sending

app_name = "inbox"
urlpatterns = [
    path("", sending.send, name="send"),
    path("<str:target>", sending.opened, name="bare"),
    path("<str:target>/", sending.opened, name="opened"),
    path("<str:target>/api/files/local/<str:name>", inbox.command, name="command"),
    path("<str:target>/api/files/<str:place>", inbox.upload, name="upload"),
    path("<str:target>/api/<str:what>", inbox.ask, name="ask"),
    path("<str:target>/<path:rest>", inbox.nothing, name="nothing"),
]
