"""Addresses of this app's pages."""

from django.urls import path

from . import views

app_name = "alerts"
urlpatterns = [
    path("", views.alert_list, name="list"),
    path("bell/", views.bell, name="bell"),
    path("read/", views.alert_read, name="read"),
    path("preferences/", views.preferences, name="preferences"),
    path("bulk/", views.alert_bulk, name="bulk"),
    path("<uuid:pk>/acknowledge/", views.alert_acknowledge, name="acknowledge"),
]
