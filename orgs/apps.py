"""Django's entry for this app."""

from importlib import import_module

from django.apps import AppConfig


class OrgsConfig(AppConfig):
    name = "orgs"
    verbose_name = "Organisations"

    def ready(self) -> None:
        import_module("orgs.checks")
