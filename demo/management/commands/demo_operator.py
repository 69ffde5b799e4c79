"""Runs the simulated operator of the demo farm."""

from typing import Any

from django.core.management.base import BaseCommand

from demo.operator import Operator


class Command(BaseCommand):
    help = "Clears plates and keeps the queue of the demo farm going."

    def handle(self, *args: Any, **options: Any) -> None:
        Operator().work()
