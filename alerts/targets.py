"""What alerts can be about, by the models' labels: its name in the API and its page, built in apps above."""

from typing import NamedTuple


class Target(NamedTuple):
    name: str
    page: str


TARGETS = {
    "printers.printer": Target("printer", "printers:detail"),
    "jobs.job": Target("job", "jobs:detail"),
    "inventory.spool": Target("spool", "spools:detail"),
    "inventory.filament": Target("filament", "spools:filament_edit"),
    "reports.run": Target("report_run", "reports:run"),
}
