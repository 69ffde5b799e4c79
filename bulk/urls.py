"""Addresses of bulk runs."""

from django.urls import path

from . import views

app_name = "bulk"
urlpatterns = [
    path("<uuid:pk>/", views.run, name="run"),
    path("<uuid:pk>/undo/", views.undo, name="undo"),
]
