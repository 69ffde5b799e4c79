"""Django's entry for the site itself."""

from importlib import import_module

from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "odin_site"
    verbose_name = "O.D.I.N."

    def ready(self) -> None:
        """Let tasks sent from anywhere in Django go to our Celery app."""
        import_module("odin_site.celery")
