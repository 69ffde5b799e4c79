"""Templates and their copies on the printers of a model."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from maintenance import copying, setting
from maintenance.models import Meter, Task, TaskTemplate
from maintenance.refusing import Refused
from orgs.models import Due
from printers import adding
from printers.models import Printer
from tests.factories.printers import make_printer

from .conftest import HOUR

RODS = {"name": "Lubricate rods", "model": "Voron 2.4 250", "every_hours": 300, "instructions": "Two drops"}


def tasks_of(printer) -> list[str]:
    return list(Task.objects.filter(printer=printer).values_list("name", flat=True))


def test_template_is_copied_to_the_printers_of_its_model_and_counts_from_now(printer):
    other = make_printer("Mini", model="Prusa MINI")

    template, count = copying.add(RODS)

    assert (count, tasks_of(printer), tasks_of(other)) == (1, ["Lubricate rods"], [])
    made = Task.objects.get(template=template)
    assert (made.instructions, made.every_hours, made.since_s) == ("Two drops", 300, 100 * HOUR)


def test_other_name_of_the_model_is_the_same_model_and_a_like_one_is_not(acme):
    printers = {name: make_printer(name, model=name) for name in ("Bambu Lab X1 Carbon", "X1C", "P1S")}

    copying.add(RODS | {"model": "X1 Carbon"})

    assert {name: len(tasks_of(one)) for name, one in printers.items()} == {
        "Bambu Lab X1 Carbon": 1, "X1C": 1, "P1S": 0,
    }  # fmt: skip


def test_template_without_a_model_is_for_every_printer(printer):
    bare = make_printer("Homemade", model="")

    _template, count = copying.add(RODS | {"model": ""})

    assert (count, tasks_of(bare)) == (2, ["Lubricate rods"])


def test_new_printer_gets_its_copies_at_the_next_look(acme):
    copying.add(RODS)
    Due.objects.all().delete()

    printer = make_printer("Voron 9", model="Voron 2.4 250")
    is_due = Due.objects.filter(task="maintenance.look").exists()
    copying.copy_to_new()
    copying.copy_to_new()

    assert (is_due, tasks_of(printer)) == (True, ["Lubricate rods"])


def test_printer_whose_model_is_set_later_gets_the_copies_of_that_model(acme):
    copying.add(RODS)
    printer = make_printer("Voron 9", model="")
    copying.copy_to_new()

    printer.model = "Voron 2.4 250"
    adding.change(printer)
    copying.copy_to_new()

    assert tasks_of(printer) == ["Lubricate rods"]


def test_copy_that_was_deleted_does_not_come_back(printer):
    copying.add(RODS)
    copying.copy_to_new()
    setting.delete(Task.objects.get())

    adding.change(Printer.objects.get(pk=printer.pk))
    copying.copy_to_new()

    assert tasks_of(printer) == []


def test_changed_template_changes_its_copies_only_if_asked(printer, task):
    own = task("Own")
    template, _count = copying.add(RODS)
    fields = RODS | {"every_hours": None, "every_days": 30, "holds": True}

    first = copying.edit(template, fields | {"name": "Rods"}, with_copies=False)
    untouched = Task.objects.get(template=template).name
    second = copying.edit(template, fields | {"name": "Rods"}, with_copies=True)

    copy = Task.objects.get(template=template)
    assert (first, untouched, second) == (0, "Lubricate rods", 1)
    assert (copy.name, copy.every_hours, copy.every_days, copy.holds) == ("Rods", None, 30, True)
    assert copy.round == 2
    assert Task.objects.get(pk=own.pk).name == "Own"


def test_template_of_another_model_is_copied_there_and_stays_where_it_was(printer):
    mini = make_printer("Mini", model="Prusa MINI")
    template, _count = copying.add(RODS)

    copying.edit(template, RODS | {"model": "Prusa MINI"}, with_copies=False)

    assert (tasks_of(printer), tasks_of(mini)) == (["Lubricate rods"], ["Lubricate rods"])


def test_copies_outlive_their_template(printer):
    template, _count = copying.add(RODS)

    copying.delete(template)

    assert Task.objects.get().template is None
    with pytest.raises(Refused, match="deleted this template"):
        copying.edit(template, RODS, with_copies=True)


def test_copying_asks_as_often_for_many_printers(acme):
    """But for the audit trail's line of each."""
    TaskTemplate.objects.create(**RODS)
    counts = []
    for many in (1, 8):
        for number in range(many):
            make_printer(f"V {many} {number}", model="Voron 2.4 250")
        with CaptureQueriesContext(
            connection,
        ) as asked:
            copying.copy_to_new()
        counts.append(len(asked) - many)

    assert counts[0] == counts[1]
    assert Meter.objects.filter(copied_for="Voron 2.4 250").count() == 9
