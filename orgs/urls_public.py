"""Addresses outside every organisation: set-up, invitations, choosing one."""

from django.urls import URLPattern

app_name = "orgs"
urlpatterns: list[URLPattern] = []
