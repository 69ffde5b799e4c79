"""A table of spools is looked through, then taken in: once, whole, and not more than it says."""

from decimal import Decimal

import pytest
from django.db.models import Sum

from audit.models import Entry
from inventory.consumption import consume
from inventory.exchange import drafts, writing
from inventory.exchange.applying import Outdated, plan_for, take_in
from inventory.exchange.planning import plan_of
from inventory.exchange.reading import read_csv
from inventory.loading import load
from inventory.models import Filament, Spool, SpoolImport, Usage
from inventory.table import listed
from tests.factories.inventory import make_filament, make_spool
from tests.factories.printers import make_printer
from ui import sheets


@pytest.fixture(autouse=True)
def _folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def kept(acme, person):
    """A draft of a text."""

    def keep(text, **wishes):
        return drafts.keep(text.encode(), SpoolImport.Source.CSV, "spools.csv", person("operator"), **wishes)

    return keep


def planned(text, **wishes):
    return plan_of(read_csv(text.encode()), **wishes)


def taken(draft):
    return take_in(draft, plan_for(draft).digest)


def flaws(plan):
    return [(flaw.line, str(flaw.column), flaw.words) for flaw in plan.flaws]


def test_a_line_without_number_adds_a_spool_with_all_it_says(kept):
    taken(kept(
        "material,brand,name,color,color_name,density,diameter,price_per_kg,initial_g,left_g,cost,lot,location,"
        "opened,notes,external_id\n"
        "PETG,Prusament,Urban,00ff00,green,1.27,1.75,29.99,1000,640.5,25,L1,"
        '"Box, 7",2026-05-01,"=1+1",mine:1\n'
    ))  # fmt: skip

    spool = Spool.objects.select_related("filament").get()
    assert (spool.filament.material, spool.filament.brand, spool.filament.color) == (
        "PETG",
        "Prusament",
        "#00FF00",
    )
    assert (spool.left_g, spool.cost, spool.lot, spool.location) == (Decimal("640.5"), 25, "L1", "Box, 7")
    assert (spool.notes, spool.external_id, str(spool.opened_at.date())) == ("=1+1", "mine:1", "2026-05-01")
    assert spool.usages.aggregate(sum=Sum("grams"))["sum"] == spool.used_g == Decimal("359.50")


def test_lines_of_the_same_filament_share_one(kept):
    make_filament("PLA", brand="Prusament")

    outcome = taken(kept("material,brand,colour name\nPLA,prusament,Orange\nABS,X,\nabs,x,\n"))

    assert (outcome["added"], outcome["new_filaments"], Filament.objects.count()) == (3, 1, 2)


def test_without_a_cost_the_price_of_the_filament_says_it(kept):
    taken(kept("material,price_per_kg,initial_g\nPLA,30,500\n"))

    assert Spool.objects.get().cost == 15


def test_a_known_number_or_external_id_changes_that_spool_and_nothing_else(kept):
    one, two = make_spool(lot="old", notes="keep"), make_spool(external_id="mine:2")

    outcome = taken(kept(f"number,external_id,lot,location\n{one.number},,new,Rack\n,mine:2,L2,\n"))

    one.refresh_from_db()
    two.refresh_from_db()
    assert (one.lot, one.location, one.notes) == ("new", "Rack", "keep")
    assert (two.lot, outcome["changed"], outcome["added"]) == ("L2", 2, 0)
    assert Entry.objects.filter(action="spool.edit", target_id=str(one.pk), before__lot="old").exists()
    assert Entry.objects.get(action="spool.import").after["changed"] == 2


def test_an_empty_cell_leaves_what_is_there_or_empties_lot_location_and_notes(kept):
    filament = make_filament("PETG", brand="Prusament", name="Urban")
    spool = make_spool(filament, lot="L", location="Rack", notes="n", cost=20, external_id="mine:1")

    taken(
        kept(
            f"number,material,brand,name,color,cost,lot,location,notes,external_id\n{spool.number},,,,,,,,,\n"
        )
    )

    spool.refresh_from_db()
    assert (spool.lot, spool.location, spool.notes) == ("", "", "")
    assert (spool.filament, spool.cost, spool.external_id) == (filament, 20, "mine:1")


def test_what_is_left_on_a_known_spool_stays_unless_asked(kept):
    spool = make_spool()
    text = f"number,left_g,lot\n{spool.number},900,L\n"
    consume(spool, Decimal(300), "print:0")

    taken(kept(text))
    spool.refresh_from_db()
    stayed = spool.left_g
    taken(kept(text, sets_left=True))
    spool.refresh_from_db()

    assert (stayed, spool.left_g) == (700, 900)
    assert spool.usages.aggregate(sum=Sum("grams"))["sum"] == spool.used_g


def test_what_is_exported_comes_back_as_it_is(kept):
    make_spool(
        make_filament("PLA", name="=cmd()", brand="-x"), lot="@lot", used_g=Decimal("12.34"), notes=" a\nb "
    )
    make_spool(
        archived_at="2026-01-01T00:00:00Z", external_id="mine:9", opened_at="2026-01-01T08:30:07.123456Z"
    )
    text = sheets.written(writing.heads(), writing.rows_of(listed(with_archived=True)))

    plan = plan_for(kept(text, with_archived=True))

    assert flaws(plan) == []
    assert (plan.added, plan.changed, plan.same) == ([], [], 2)


@pytest.mark.parametrize(
    ("text", "flaw"),
    [
        ("material,left_g\nPLA,1200", (2, "Grams left", "can't have more than 1050.00 g left.")),
        ("material,left_g\nPLA,-5", (2, "Grams left", "A spool can't have less than 0 g left.")),
        ("material,initial_g\nPLA,99999999", (2, "Grams when new", "50000")),
        ("material,cost\nPLA,free", (2, "Cost", "“free” is not a number.")),
        ("material,color\nPLA,reddish", (2, "Colour", "#RRGGBB")),
        ("material,density\nPLA,77", (2, "Density in g/cm³", "5")),
        ("brand,material\nX,", (2, "Material", "needs a material")),
        ("brand\nX", (2, "Material", "needs a material")),
        ("number,lot\n999999,x", (2, "Number", "There is no spool 999999.")),
        ("number,lot\n1.5,x", (2, "Number", "whole")),
        ("material,opened\nPLA,yesterday", (2, "Opened", "2026-05-31")),
        ("material,opened\nPLA,2026-02-31", (2, "Opened", "2026-05-31")),
        ("material,lot\nPLA," + "x" * 61, (2, "Lot", "60")),
        ("material,archived\nPLA,perhaps", (2, "Archived", "neither")),
        ("material,external_id\nPLA,a\nABS,a", (3, "", "earlier line")),
        ("material,density\nPLA,1.2\nPLA,1.3", (3, "", "Line 2 says 1.20, not 1.30")),
    ],
)  # fmt: skip
def test_an_error_names_line_and_column_in_words(acme, text, flaw):
    ((line, column, words),) = flaws(planned(text))

    assert (line, column) == flaw[:2]
    assert flaw[2] in words


def test_lines_with_errors_are_left_out_of_an_import_that_was_looked_through(kept):
    outcome = taken(kept("material,cost\nPLA,free\nABS,20\n"))

    assert (outcome["added"], outcome["flawed"]) == (1, 1)
    assert Spool.objects.get().filament.material == "ABS"


def test_confirming_twice_imports_once(kept):
    draft = kept("material\nPLA\n")
    digest = plan_for(draft).digest

    first, second = take_in(draft, digest), take_in(draft, digest)

    assert first == second
    assert Spool.objects.count() == 1


def test_what_changed_since_it_was_looked_through_is_not_taken_in(kept):
    spool = make_spool(lot="a")
    draft = kept(f"number,lot\n{spool.number},b\n")
    digest = plan_for(draft).digest
    Spool.objects.filter(pk=spool.pk).update(lot="c")
    draft_two = kept("material\nPLA\n")
    other = plan_for(draft_two).digest

    assert take_in(draft, digest)["changed"] == 1
    with pytest.raises(Outdated):
        take_in(draft_two, digest)
    assert Spool.objects.count() == 1
    assert take_in(draft_two, other)["added"] == 1


def test_external_ids_may_change_places(kept):
    one, two = make_spool(external_id="a"), make_spool(external_id="b")

    taken(kept(f"number,external_id\n{one.number},c\n{two.number},d\n"))

    assert sorted(Spool.objects.values_list("external_id", flat=True)) == ["c", "d"]


def test_an_id_of_another_spool_is_refused(acme):
    one, two = make_spool(external_id="a"), make_spool()

    ((line, column, words),) = flaws(planned(f"number,external_id\n{two.number},a\n"))

    assert (line, column) == (2, "External id")
    assert f"#{one.number}" in words


def test_archiving_by_a_file_unloads_and_only_where_it_is_wanted(kept):
    spool = make_spool()
    load(spool, make_printer().slots.get())
    text = f"number,archived,material\n{spool.number},yes,PLA\n,yes,ABS\n"

    assert plan_for(kept(text)).left_out == 2
    taken(kept(text, with_archived=True))

    spool.refresh_from_db()
    assert (spool.slot, bool(spool.archived_at)) == (None, True)
    assert Spool.objects.filter(archived_at__isnull=False).count() == 2


def test_an_import_that_breaks_leaves_nothing_behind(kept, monkeypatch):
    draft = kept("material,left_g\nPLA,500\n")
    digest = plan_for(draft).digest
    monkeypatch.setattr(Usage.objects, "bulk_create", lambda *args, **kwargs: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        take_in(draft, digest)

    draft.refresh_from_db()
    assert (Spool.objects.count(), Filament.objects.count(), draft.done_at) == (0, 0, None)


def test_twenty_thousand_lines_cost_no_query_each(kept, django_assert_max_num_queries):
    make_filament("PLA")
    draft = kept("material,left_g,external_id\n" + "".join(f"PLA,500,x:{n}\n" for n in range(3000)))
    digest = plan_for(draft).digest

    with django_assert_max_num_queries(60):
        outcome = take_in(draft, digest)

    assert outcome["last"] - outcome["first"] == 2999
