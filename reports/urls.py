"""Addresses of this app's pages."""

from django.urls import path

from . import views
from .pages import reports, runs, schedules

app_name = "reports"
urlpatterns = [
    path("", views.dashboard, name="dashboard"),
    path("live/", views.dashboard_live, name="live"),
    path("reports/", reports.report_list, name="list"),
    path("reports/schedules/", schedules.schedule_list, name="schedules"),
    path("reports/schedules/add/", schedules.schedule_form, name="schedule_add"),
    path("reports/schedules/preview/", schedules.preview, name="schedule_preview"),
    path("reports/schedules/<uuid:pk>/", schedules.schedule_detail, name="schedule"),
    path("reports/schedules/<uuid:pk>/edit/", schedules.schedule_form, name="schedule_edit"),
    path("reports/schedules/<uuid:pk>/delete/", schedules.schedule_delete, name="schedule_delete"),
    path("reports/schedules/<uuid:pk>/run/", schedules.run, name="schedule_run"),
    path("reports/schedules/<uuid:pk>/try/", schedules.try_out, name="schedule_try"),
    path("reports/schedules/<uuid:pk>/pause/", schedules.pause, name="schedule_pause"),
    path("reports/schedules/<uuid:pk>/resume/", schedules.resume, name="schedule_resume"),
    path("reports/runs/", runs.run_list, name="runs"),
    path("reports/runs/<uuid:pk>/", runs.run_detail, name="run"),
    path("reports/runs/<uuid:pk>/<str:form>/", runs.run_file, name="run_file"),
    path("reports/sendings/<uuid:pk>/again/", runs.send_again, name="send_again"),
    path("reports/<slug:kind>/", reports.report_page, name="report"),
]
