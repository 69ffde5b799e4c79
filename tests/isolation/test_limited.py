"""A viewer who is limited to tags sees and uses no other printer: pages, live updates, API, search, jobs."""

import pytest

from audit.models import Entry
from jobs.models import Preset
from orgs.models import Membership
from orgs.roles import Role
from printers import live, tagged, tagging
from printers.models import Printer, Tag
from reports import following
from tests.factories.printers import make_printer
from tests.surface import Operation, Route, filled, kind_of, names_a_thing, operations, routes, things

HIDDEN = "Quetzalcoatl"
PAGES = [route for route in routes("odin_site.urls") if not route.is_admin and not route.is_for_keys]
LISTS = [route for route in PAGES if not names_a_thing(route.pattern)]
OF_A_PRINTER = [
    route
    for route in PAGES
    # What an inbox aims at may be anything; its page is the same for all.
    if names_a_thing(route.pattern) and kind_of(route.pattern) == "printer" and "inbox" not in route.name
]
ASKED = [one for one in operations() if one.verb == "GET"]
QUERIES = (
    "",
    "?q=quetzal",
    "?version=0",
    "?version=0&view=table",
    "?view=wall",
    "?state=all&show=all&search=quetzal",
)


def names_it(answer) -> bool:
    """Whether a page, or what is no text, has the word."""
    return HIDDEN.encode() in (answer.getvalue() if answer.streaming else answer.content)


@pytest.fixture(autouse=True)
def _fresh():
    """The fleet is shared for a moment, also by tests."""
    following.forget()


@pytest.fixture
def lab(acme) -> Tag:
    return Tag.objects.create(name="lab")


@pytest.fixture
def seen(lab):
    return make_printer("Heron", tags=[lab])


@pytest.fixture
def viewer(acme, person, lab) -> Membership:
    """Limited to `lab`."""
    Membership.objects.filter(user=person("viewer"), org=acme).update(printer_tags=[lab.pk])
    return Membership.objects.get(user=person("viewer"), org=acme)


@pytest.fixture
def hidden(acme, person, settings, tmp_path):
    """Things of an operator, on a printer with another tag: all that names it holds the word."""
    settings.MEDIA_ROOT = tmp_path
    found = things(acme, person("operator"), "Sparrow")
    Printer.objects.filter(pk=found["printer"]).update(name=HIDDEN, model=HIDDEN, location=HIDDEN)
    Preset.objects.create(name="Far", target="printer", target_printer_id=found["printer"])
    return found


@pytest.mark.parametrize("route", LISTS, ids=lambda route: route.name)
def test_no_page_names_a_printer_that_is_not_theirs(route: Route, viewer, seen, hidden, sign_in):
    told = [sign_in("viewer").get(f"/o/acme/{route.pattern}{query}") for query in QUERIES]

    assert [answer.request["QUERY_STRING"] for answer in told if HIDDEN in answer.text] == []


@pytest.mark.parametrize("route", OF_A_PRINTER, ids=lambda route: route.name)
def test_no_page_of_another_printer_is_there(route: Route, viewer, hidden, sign_in):
    address = f"/o/acme/{filled(route.pattern, hidden['printer'])}"

    told = [sign_in("viewer").get(address), sign_in("viewer").post(address)]

    # 403 is for what no viewer may, 405 for the other verb.
    assert all(answer.status_code in {403, 404, 405} for answer in told)
    assert all(HIDDEN not in answer.text for answer in told)


@pytest.mark.parametrize("kind", ["model", "job", "spool"])
def test_no_page_of_a_thing_names_it(kind, viewer, hidden, sign_in):
    of_kind = [r for r in PAGES if names_a_thing(r.pattern) and kind_of(r.pattern) == kind]

    told = [sign_in("viewer").get(f"/o/acme/{filled(route.pattern, hidden[kind])}") for route in of_kind]

    named = [answer.request["PATH_INFO"] for answer in told if names_it(answer)]
    assert named == []


@pytest.mark.parametrize("operation", ASKED, ids=lambda one: one.key)
def test_no_answer_of_the_api_tells_of_it(operation: Operation, viewer, seen, hidden, api):
    kind = kind_of(operation.path) if names_a_thing(operation.path) else ""
    address = filled(operation.path, hidden[kind]) if kind else operation.path

    answer = api("viewer").get(address)

    assert kind != "printer" or answer.status_code in {403, 404}
    assert not names_it(answer)


def test_what_is_theirs_is_told_by_list_live_dashboard_search_and_api(viewer, seen, hidden, sign_in, api):
    live.touch(viewer.org_id, [seen.pk])
    for path in ("printers/", "printers/live/?version=0", "", "live/?version=0", "jump/?q=heron"):
        assert "Heron" in sign_in("viewer").get(f"/o/acme/{path}").text

    assert [one["name"] for one in api("viewer").get("/api/printers").json()["items"]] == ["Heron"]
    assert api("viewer").get("/api/printers").json()["count"] == 1
    assert sign_in("viewer").get(f"/o/acme/printers/{seen.pk}/").status_code == 200


def test_counts_of_the_dashboard_are_of_their_printers(viewer, seen, hidden, sign_in):
    assert sign_in("viewer").get("/o/acme/").context["total"] == 1
    assert sign_in("operator").get("/o/acme/").context["total"] == 2


def test_live_deltas_are_shared_but_each_gets_their_own_part(viewer, seen, hidden, sign_in):
    live.touch(viewer.org_id, [hidden["printer"], seen.pk])

    whole = sign_in("operator").get("/o/acme/printers/live/?version=0").text
    part = sign_in("viewer").get("/o/acme/printers/live/?version=0").text

    assert HIDDEN in whole
    assert "Heron" in whole
    assert HIDDEN not in part
    assert "Heron" in part


def test_a_limit_holds_for_viewers_alone(viewer, seen, hidden, sign_in):
    Membership.objects.filter(pk=viewer.pk).update(role=Role.OPERATOR)

    assert sign_in("viewer").get(f"/o/acme/printers/{hidden['printer']}/").status_code == 200


def test_a_renamed_tag_stays_the_same_limit(viewer, lab, seen, sign_in):
    tagging.change(lab, "laboratory", "slate")

    assert sign_in("viewer").get(f"/o/acme/printers/{seen.pk}/").status_code == 200


def test_a_deleted_tag_opens_nothing(viewer, lab, seen, hidden, sign_in, api):
    tagging.delete(lab)

    assert sign_in("viewer").get(f"/o/acme/printers/{seen.pk}/").status_code == 404
    assert api("viewer").get("/api/printers").json()["count"] == 0
    assert "a deleted tag" in sign_in("admin").get("/o/acme/members/").text


def test_a_printer_is_seen_as_soon_as_it_gets_the_tag(viewer, hidden, lab, sign_in):
    address = f"/o/acme/printers/{hidden['printer']}/"
    assert sign_in("viewer").get(address).status_code == 404

    tagged.add_tag(Printer.objects.get(pk=hidden["printer"]), "lab")

    assert sign_in("viewer").get(address).status_code == 200


def test_an_admin_limits_a_viewer_and_it_is_in_the_audit(acme, person, lab, sign_in):
    membership = Membership.objects.get(user=person("viewer"), org=acme)

    answer = sign_in("admin").post(f"/o/acme/members/{membership.pk}/printers/", {"tags": [str(lab.pk)]})

    membership.refresh_from_db()
    entry = Entry.objects.get(action="member.printers")
    assert answer.status_code == 302
    assert membership.printer_tags == [lab.pk]
    assert (entry.before, entry.after) == ({"tags": []}, {"tags": ["lab"]})


def test_choosing_none_lifts_the_limit(viewer, hidden, sign_in):
    sign_in("admin").post(f"/o/acme/members/{viewer.pk}/printers/", {})

    assert sign_in("viewer").get(f"/o/acme/printers/{hidden['printer']}/").status_code == 200


@pytest.mark.parametrize("tag", ["nonsense", "01930000-0000-7000-8000-000000000000"])
def test_a_tag_that_is_not_the_organisations_is_refused(viewer, tag, lab, sign_in):
    answer = sign_in("admin").post(
        f"/o/acme/members/{viewer.pk}/printers/", {"tags": [tag]}, headers={"HX-Request": "true"}
    )

    viewer.refresh_from_db()
    assert answer.status_code == 422
    assert viewer.printer_tags == [lab.pk]
