"""Addresses for who was told and is not signed in."""

from django.urls import path

from .pages import stopping

app_name = "told"
urlpatterns = [path("stop/<str:link>/", stopping.stop, name="stop")]
