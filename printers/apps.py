"""Django's entry for this app."""

from django.apps import AppConfig


class PrintersConfig(AppConfig):
    name = "printers"
    verbose_name = "Printers"
