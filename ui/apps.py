"""The app's entry in Django."""

from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "ui"
