"""Django's entry for this app."""

from django.apps import AppConfig


class Models3DConfig(AppConfig):
    name = "models3d"
    verbose_name = "Models"
