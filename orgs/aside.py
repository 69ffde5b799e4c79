"""Work that can't wait for a worker: done at once, beside the request that asked for it."""

import logging
from collections.abc import Callable
from threading import Thread

from django.db import connection
from django.utils import timezone, translation
from django_tenants.utils import tenant_context

from .current import current_org

logger = logging.getLogger(__name__)


def aside(name: str, work: Callable[[], object]) -> None:
    """Do `work` in a thread of this process, in the organisation at work and on a connection of its own.

    It dies with the process: somebody else must take up what it leaves.
    """
    org = current_org()

    def do() -> None:
        try:
            with tenant_context(org), timezone.override(org.zone), translation.override(org.language):
                work()
        except Exception:  # the top of a thread: nobody else would tell
            logger.exception("%s of org %s", name, org.pk)
        finally:
            connection.close()

    Thread(target=do, name=name, daemon=True).start()
