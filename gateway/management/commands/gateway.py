"""Runs the process that holds the links to pushing printers."""

import logging
import os
import signal
from typing import Any

from django.core.management.base import BaseCommand

from gateway.listen import Listener


class Command(BaseCommand):
    help = "Hold the links to the printers that push their status (Bambu Lab). Ends on SIGTERM or SIGINT."
    # They would load all pages and forms, 20 MB; the migrations before each start have made them.
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        listener = Listener()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_signal: listener.stop())
        listener.run()
        # Python would wait for the threads that still knock at printers which do not answer.
        logging.shutdown()
        os._exit(0)
