"""Addresses of reports for readers outside, who do not sign in."""

from django.urls import path

from .pages import outside

app_name = "reports"
urlpatterns = [
    path("confirm/<str:link>/", outside.confirm, name="confirm"),
    path("unsubscribe/<str:link>/", outside.unsubscribe, name="unsubscribe"),
]
