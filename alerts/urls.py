"""Addresses of this app's pages."""

from django.urls import path

from . import views
from .pages import defaults, quiet

app_name = "alerts"
urlpatterns = [
    path("", views.alert_list, name="list"),
    path("bell/", views.bell, name="bell"),
    path("read/", views.alert_read, name="read"),
    path("preferences/", views.preferences, name="preferences"),
    path("defaults/", defaults.defaults, name="defaults"),
    path("bulk/", views.alert_bulk, name="bulk"),
    path("quiet/", quiet.quiet_own, name="quiet"),
    path("quiet/end/", quiet.quiet_own_end, name="quiet_end"),
    path("quiet/organisation/", quiet.quiet_org, name="quiet_org"),
    path("quiet/organisation/end/", quiet.quiet_org_end, name="quiet_org_end"),
    path("<uuid:pk>/acknowledge/", views.alert_acknowledge, name="acknowledge"),
]
