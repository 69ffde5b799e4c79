"""Runs the worker: `python -m odin_site.worker THREADS`. Celery's command line would load 11 MB more."""

import sys

from .celery import app

if __name__ == "__main__":
    # One worker has nobody to gossip with, and would wake up every second to try.
    worker = app.Worker(
        pool="threads",
        concurrency=int(sys.argv[1]),
        loglevel="INFO",
        quiet=True,
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
    )
    worker.start()
    sys.exit(worker.exitcode)
