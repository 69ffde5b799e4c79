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
from tests.surface import filled, kind_of, names_a_thing, operations, routes, things

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
QUERIES = ("", "?version=0&view=table", "?view=wall", "?q=quetzal&search=quetzal&state=all&show=all")


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


@pytest.mark.timeout(600)
def test_no_page_names_a_printer_that_is_not_theirs(viewer, seen, hidden, sign_in):
    client = sign_in("viewer")

    told = [client.get(f"/o/acme/{route.pattern}{query}") for route in LISTS for query in QUERIES]

    named = [
        answer.request["PATH_INFO"] + answer.request["QUERY_STRING"] for answer in told if names_it(answer)
    ]
    assert named == []


def test_no_page_of_another_printer_is_there(viewer, hidden, sign_in):
    client = sign_in("viewer")
    addresses = [f"/o/acme/{filled(route.pattern, hidden['printer'])}" for route in OF_A_PRINTER]

    told = [ask(address) for address in addresses for ask in (client.get, client.post)]

    # 403 is for what no viewer may, 405 for the other verb.
    assert {answer.status_code for answer in told} <= {403, 404, 405}
    assert not any(names_it(answer) for answer in told)


def test_no_page_of_a_thing_names_it(viewer, hidden, sign_in):
    client = sign_in("viewer")
    of_kinds = [
        r for r in PAGES if names_a_thing(r.pattern) and kind_of(r.pattern) in {"model", "job", "spool"}
    ]

    told = [client.get(f"/o/acme/{filled(one.pattern, hidden[kind_of(one.pattern)])}") for one in of_kinds]

    assert [answer.request["PATH_INFO"] for answer in told if names_it(answer)] == []


def test_no_answer_of_the_api_tells_of_it(viewer, seen, hidden, api):
    client, wrong = api("viewer"), []

    for one in ASKED:
        kind = kind_of(one.path) if names_a_thing(one.path) else ""
        answer = client.get(filled(one.path, hidden[kind]) if kind else one.path)
        if names_it(answer) or (kind == "printer" and answer.status_code not in {403, 404}):
            wrong.append(f"{one.key}: {answer.status_code}")

    assert wrong == []


def test_what_is_theirs_is_told_by_list_live_dashboard_search_and_api(viewer, seen, hidden, sign_in, api):
    live.touch(viewer.org_id, [seen.pk])
    for path in ("printers/", "printers/live/?version=0", "", "live/?version=0", "jump/?q=heron"):
        assert "Heron" in sign_in("viewer").get(f"/o/acme/{path}").text

    assert [one["name"] for one in api("viewer").get("/api/printers").json()["items"]] == ["Heron"]
    assert api("viewer").get("/api/printers").json()["count"] == 1
    assert sign_in("viewer").get(f"/o/acme/printers/{seen.pk}/").status_code == 200


def test_counts_of_the_dashboard_are_of_their_printers(viewer, seen, hidden, sign_in):
    assert sign_in("viewer").get("/o/acme/").context["total"] == 1
    assert sign_in("operator").get("/o/acme/").context["total"] == Printer.objects.count() > 2


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
