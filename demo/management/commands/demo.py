"""Makes the demo's organisations, once."""

import os
from typing import Any

from django.core.management.base import BaseCommand

from demo.seeding import USUAL, seed


class Command(BaseCommand):
    help = "Makes the demo's organisations with DEMO_PRINTERS simulated printers, if they are not there yet."

    def handle(self, *args: Any, **options: Any) -> None:
        printers = max(18, min(900, int(os.environ.get("DEMO_PRINTERS") or USUAL)))
        if not seed(printers, self.stdout.write):
            self.stdout.write("The demo is there already.")
