"""Addresses of the platform's mail server."""

from django.urls import path

from .pages import mail

app_name = "mail"
urlpatterns = [
    path("", mail.mail, name="server"),
    path("test/", mail.test, name="test"),
    path("forget/", mail.forget, name="forget"),
]
