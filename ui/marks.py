"""The one vocabulary of states: word, icon, shape and tone; pages, charts and mails draw from it."""

from dataclasses import dataclass
from enum import Enum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Mark:
    """How a state is told: `shape` of ui/glyphs.py, `icon` of lucide, `tone` of tokens.css."""

    word: str | Promise
    icon: str
    shape: str
    tone: str


PRINTER = {
    "needs_you": Mark(_("Needs you"), "triangle-alert", "triangle", "orange"),
    "printing": Mark(_("Printing"), "printer", "progress", "blue"),
    "paused": Mark(_("Paused"), "pause", "bars", "yellow"),
    "preparing": Mark(_("Preparing"), "loader", "dashed", "blue"),
    "ready": Mark(_("Ready"), "circle", "ring", "green"),
    "out_of_service": Mark(_("Out of service"), "wrench", "wrench", "grey"),
    "offline": Mark(_("Offline"), "wifi-off", "struck", "grey"),
    "unknown": Mark(_("Unknown"), "circle-question-mark", "question", "grey"),
}

JOB = {
    "submitted": Mark(_("Awaits approval"), "circle-dot", "ring-dot", "grey"),
    "rejected": Mark(_("Rejected"), "ban", "slash", "grey"),
    "queued": Mark(_("Queued"), "clock", "clock", "violet"),
    "sending": Mark(_("Sending"), "send", "arrow", "blue"),
    "printing": PRINTER["printing"],
    "paused": PRINTER["paused"],
    "completed": Mark(_("Completed"), "circle-check", "check", "green"),
    "failed": Mark(_("Failed"), "x", "cross", "red"),
    "cancelled": Mark(_("Cancelled"), "ban", "slash", "grey"),
}

VERDICT = {
    "good": Mark(_("Good"), "circle-check", "check", "green"),
    "reject": Mark(_("Reject"), "square-x", "cross-box", "red"),
}

PLATE = {
    "clear": Mark(_("Plate clear"), "square", "plate", "green"),
    "occupied": Mark(_("Plate occupied"), "package", "plate-full", "orange"),
    "unknown": Mark(_("Plate unknown"), "circle-question-mark", "plate-unknown", "grey"),
}

PRIORITY = {
    "low": Mark(_("Low"), "chevron-down", "down", "grey"),
    "normal": Mark(_("Normal"), "minus", "level", "grey"),
    "high": Mark(_("High"), "chevron-up", "up", "violet"),
    "urgent": Mark(_("Urgent"), "chevrons-up", "up-up", "orange"),
}

RISK = {"at_risk": Mark(_("At risk"), "triangle-alert", "triangle", "orange")}

FILE = {
    "reading": Mark(_("Being read"), "loader", "dashed", "blue"),
    "ready": Mark(_("Ready"), "circle-check", "check", "green"),
    "unreadable": Mark(_("Unreadable"), "x", "cross", "red"),
}

FIT = {
    "yes": Mark(_("Fits"), "circle-check", "check", "green"),
    "unknown": Mark(_("Not known"), "circle-question-mark", "question", "grey"),
    "no": Mark(_("Does not fit"), "x", "cross", "red"),
}

CHECK = {
    "pass": Mark(_("Passes"), "circle-check", "check", "green"),
    "unknown": Mark(_("Not known"), "circle-question-mark", "question", "grey"),
    "fail": Mark(_("Fails"), "x", "cross", "red"),
}

SEVERITY = {
    "info": Mark(_("Info"), "info", "ring-dot", "blue"),
    "warning": Mark(_("Warning"), "triangle-alert", "triangle", "orange"),
    "critical": Mark(_("Critical"), "octagon-alert", "cross-box", "red"),
}

# Of a task, and of the printer it is for.
UPKEEP = {
    "fine": Mark(_("Not due yet"), "circle-check", "check", "green"),
    "due": Mark(_("Due soon"), "clock", "clock", "yellow"),
    "overdue": Mark(_("Overdue"), "triangle-alert", "triangle", "orange"),
}
CARE = {
    "due": Mark(_("Maintenance due"), "clock", "clock", "yellow"),
    # No triangle: a card is loud only where the printer itself needs you.
    "overdue": Mark(_("Maintenance overdue"), "wrench", "wrench", "orange"),
}

DRYING = {
    "boxed": Mark(_("In a dry box"), "package", "ring-dot", "green"),
    # No triangle: it is advice, and nothing waits for it.
    "due": Mark(_("Needs drying"), "droplets", "drop", "orange"),
    "dry": Mark(_("Dry"), "circle-check", "check", "green"),
    "sealed": Mark(_("Not opened yet"), "package", "plate-full", "grey"),
    "unlimited": Mark(_("No reminder"), "minus", "level", "grey"),
}

STOP = {
    "waiting": Mark(_("Being told"), "clock", "clock", "grey"),
    "told": Mark(_("Told"), "loader", "dashed", "blue"),
    "stopped": Mark(_("Stopped"), "circle-check", "check", "green"),
    "unconfirmed": Mark(_("Not confirmed"), "octagon-alert", "cross-box", "red"),
    "absent": Mark(_("Not reached"), "wifi-off", "struck", "grey"),
}

# What became of a report, and of its mail to somebody.
RUN = {
    "waiting": Mark(_("Waiting"), "clock", "clock", "grey"),
    "making": Mark(_("Being made"), "loader", "dashed", "blue"),
    "sending": Mark(_("Being sent"), "send", "arrow", "blue"),
    "done": Mark(_("Done"), "circle-check", "check", "green"),
    "failed": Mark(_("Failed"), "octagon-alert", "cross-box", "red"),
}
SENDING = {
    "waiting": RUN["waiting"],
    "handing": RUN["sending"],
    "sent": Mark(_("Sent"), "circle-check", "check", "green"),
    "failed": RUN["failed"],
    "unclear": Mark(_("Maybe sent"), "circle-question-mark", "question", "yellow"),
    "dropped": Mark(_("Not wanted any more"), "circle-slash", "struck", "grey"),
}

ORG = {
    "active": Mark(_("Active"), "circle-check", "check", "green"),
    "suspended": Mark(_("Suspended"), "pause", "bars", "yellow"),
    "archived": Mark(_("Archived"), "archive", "slash", "grey"),
}

MARKS = {
    "org": ORG,
    "run": RUN,
    "sending": SENDING,
    "drying": DRYING,
    "stop": STOP,
    "upkeep": UPKEEP,
    "care": CARE,
    "file": FILE,
    "risk": RISK,
    "printer": PRINTER,
    "job": JOB,
    "verdict": VERDICT,
    "plate": PLATE,
    "priority": PRIORITY,
    "fit": FIT,
    "check": CHECK,
    "severity": SEVERITY,
}


def mark_of(family: str, state: object) -> Mark:
    """The mark of `state` in `family` (a KeyError if there is no such family).

    A state without a mark is told in its own word under the grey question, so that a page
    survives a value it does not know yet.
    """
    value = str(state.value if isinstance(state, Enum) else state)
    known = MARKS[family].get(value)
    return known or Mark(value.replace("_", " ").capitalize(), "circle-question-mark", "question", "grey")
