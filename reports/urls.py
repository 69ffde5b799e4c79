"""Addresses of this app's pages."""

from django.urls import path

from . import views
from .pages import reports

app_name = "reports"
urlpatterns = [
    path("", views.dashboard, name="dashboard"),
    path("live/", views.dashboard_live, name="live"),
    path("reports/", reports.report_list, name="list"),
    path("reports/<slug:kind>/", reports.report_page, name="report"),
]
