"""Addresses of reports for readers outside, who do not sign in."""

from django.urls import path

from .pages import outside

app_name = "reports"
urlpatterns = [
    path("confirm/<str:signed>/", outside.confirm, name="confirm"),
    path("unsubscribe/<str:signed>/", outside.unsubscribe, name="unsubscribe"),
]
