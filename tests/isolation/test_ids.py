"""An id of another organisation is nothing here: in addresses, forms, bodies, queries and ticked rows.

What is asked is read off the URL tables, the forms that pages show and the API's document, so a new route,
field or parameter is asked by itself; a new kind of thing fails until tests/surface.py can make one.
"""

import json
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.test import Client
from django.utils.module_loading import module_has_submodule

from bulk.choosing import Choice
from bulk.models import Item
from bulk.running import start
from orgs.models import Department, Invitation, Membership, Org
from orgs.roles import Role, scopes_of
from stations.models import Dispatch, Station
from tests.factories.models3d import upload
from tests.surface import Operation, filled, kind_of, names_a_thing, operations, routes, sound

from .asking import PageForm, bodies_with_ids, forms_in, is_id, parameters_with_ids
from .planting import CANARY
from .reading import said_by

# The address of an inbox, opened in a browser, names its target in vain: it leads to one page for all.
PAGES = [
    route
    for route in routes("odin_site.urls")
    if names_a_thing(route.pattern) and not route.pattern.startswith(("admin/", "inbox/"))
]
INBOX = [route for route in routes("odin_site.urls") if route.is_for_keys]
ALL = operations()
# What is typed into the fields that a page leaves empty, so that nothing but the foreign id can be wrong.
TYPED = {
    "name": "Other", "preset_name": "Other", "email": "new@person.test", "recipients": "new@person.test",
    "amount": "9", "who": "person", "every_days": "9", "grams_left": "900", "new-material": "PLA",
    "kind": "job_summary", "reason": "Goodwill",
}  # fmt: skip
# Fields of ids by the kind of thing they name, where their own name does not say it.
NAMED = {
    "ids": "row", "before": "job", "into_id": "location", "user_id": "person", "actor_id": "person",
    "reason_id": "reason", "tags": "tag", "slot": "slot",
}  # fmt: skip


# Public tables of which nobody writes a row by the way, as a visit of one's session is.
PUBLIC = [
    f"public.{model._meta.db_table}" for model in (Membership, Department, Invitation, Station, Dispatch)
]


def written(orgs: list[Org]) -> dict[str, int]:
    """How often this transaction wrote a row in the organisations' tables, taken back or not, by table."""
    named = {org.schema_name: org.slug for org in orgs} | {"public": "public"}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT schemaname, relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables"
            " WHERE schemaname = ANY(%s)",
            [list(named)],
        )
        found = {f"{named[schema]}.{table}": count for schema, table, count in cursor.fetchall()}
    return {name: n for name, n in found.items() if name in PUBLIC or not name.startswith("public.")}


class Watch:
    """Collects what was answered or written otherwise than it should."""

    def __init__(self, orgs: list[Org]) -> None:
        self.orgs, self.wrong, self.seen = orgs, list[str](), dict[str, int]()

    def begin(self) -> None:
        """From now on; making a token and a superadmin's visit are lines of the trail."""
        self.seen = written(self.orgs)

    def check(self, answer: Any, what: str, statuses: set[int], may_write: tuple[str, ...] = ()) -> None:
        now = written(self.orgs)
        told = [f"{answer.status_code}"] if answer.status_code not in statuses else []
        told += ["tells"] if CANARY in said_by(answer) else []
        told += [name for name in now if now[name] != self.seen.get(name, 0) and name not in may_write]
        self.seen = now
        self.wrong += [f"{what}: {', '.join(told)}"] if told else []


@pytest.fixture
def watch(acme, rival, theirs, ours, picture) -> Iterator[Watch]:
    """Afterwards all rows of `rival` are as they were, those in public tables too."""
    before, watching = picture(), Watch([acme, rival])
    yield watching
    assert picture() == before


@pytest.fixture
def kinds(theirs, ours, person) -> dict[str, str]:
    """The kind of each thing of ours by its id."""
    theirs["person"], ours["person"] = person("viewer", "rival").pk, person("viewer").pk
    return {str(pk): kind for kind, pk in ours.items()}


@pytest.mark.timeout(600)
@pytest.mark.parametrize("role", ["admin", "root"])
def test_no_page_of_a_thing_of_another_organisation_is_there(role, theirs, watch, sign_in):
    client = sign_in(role)
    client.get("/o/acme/account/")
    watch.begin()

    for route in PAGES:
        url = "/o/acme/" + filled(route.pattern, theirs[kind_of(route.pattern)])
        for verb in ("get", "post"):
            answer = getattr(client, verb)(url, {"printer": theirs["printer"]})
            watch.check(answer, f"{verb} {route.name}", {404, 405})

    assert "\n".join(watch.wrong) == ""


def test_no_inbox_of_another_organisation_is_there(theirs, watch, api):
    client = Client(headers={"Authorization": api("admin").defaults["HTTP_AUTHORIZATION"]})
    watch.begin()

    for route in INBOX:
        url = "/o/acme/" + filled(route.pattern, theirs["printer"])
        for answer in (client.get(url), client.post(url, {"file": upload(), "print": "true"})):
            watch.check(answer, route.name, {404, 405})

    assert "\n".join(watch.wrong) == ""


def test_no_operation_on_a_thing_of_another_organisation_is_there(theirs, ours, watch, api):
    client = api("admin", scopes=scopes_of(Role.ADMIN))
    watch.begin()

    for one in ALL:
        if names_a_thing(one.path):
            url = filled(one.path, theirs[kind_of(one.path)])
            watch.check(_sent(client, one, url, sound(one.key, ours)), one.key, {404})

    assert "\n".join(watch.wrong) == ""


def _sent(client: Client, one: Operation, url: str, body: dict[str, Any]) -> Any:
    if one.takes == "multipart/form-data":
        return client.generic(one.verb, url, b"--x--\r\n", "multipart/form-data; boundary=x")
    return client.generic(one.verb, url, json.dumps(body), "application/json")


def _ours(one: Operation, ours: dict[str, Any]) -> str:
    return filled(one.path, ours[kind_of(one.path)]) if names_a_thing(one.path) else one.path


def test_no_body_may_name_a_thing_of_another_organisation(theirs, ours, kinds, watch, api):
    client = api("admin")
    watch.begin()
    for one in ALL:
        for field, body in bodies_with_ids(one, ours, lambda path, one=one: _foreign(path, one.path, theirs)):
            answer = _sent(client, one, _ours(one, ours), body)
            # A filter that finds nothing is a run of no rows; what is in no state for it says that first.
            empty = ("acme.bulk_run", "acme.audit_entry") if field.startswith("filter.") else ()
            watch.check(answer, f"{one.key} {field}", {404, 409, 422, *([202] if empty else [])}, empty)

    assert "\n".join(watch.wrong) == ""


def _foreign(path: list[str], address: str, theirs: dict[str, Any]) -> str:
    """The id of another organisation's thing of the kind that a field of ids wants."""
    name = next(part for part in reversed(path) if part != "[]")
    kind = NAMED.get(name, name.removesuffix("_id"))
    if kind == "row":
        kind = kind_of(address.rpartition("/")[0] + "/{pk}")
    assert kind in theirs, f"of which kind is {name} of {address}?"
    return str(theirs[kind])


def test_no_parameter_finds_a_thing_of_another_organisation(theirs, ours, kinds, watch, api):
    client = api("admin")
    watch.begin()
    for one in ALL:
        for name in parameters_with_ids(one):
            answer = client.get(f"{_ours(one, ours)}?{name}={_foreign([name], one.path, theirs)}")
            watch.check(answer, f"{one.key} {name}", {200, 404, 422})
            assert answer.status_code != 200 or answer.json().get("items", []) == [], f"{one.key} {name}"

    assert "\n".join(watch.wrong) == ""


@pytest.mark.timeout(600)
def test_no_form_takes_a_thing_of_another_organisation(theirs, ours, kinds, watch, sign_in):
    client = sign_in("admin")
    watch.begin()
    sound_once: dict[str, bool] = {}

    for form, name, own in _fields_of_ids(client, ours):
        if name == "once":
            # Names nothing that is there: it is the id of what the form is to make.
            continue
        assert own in kinds or name in NAMED, f"of which kind is {name} of {form.url}?"
        sent, foreign = _filled_in(form), str(theirs[kinds.get(own) or NAMED[name]])
        answer, field = getattr(client, form.verb)(form.url, sent | {name: foreign}), f"{form.url} {name}"
        # 302 leads back to a page that says why, 200 is a page without it.
        watch.check(answer, f"{form.verb} {field}", {200, 302, 404, 422})
        if form.verb == "post" and not sound_once.get(field):
            sound_once[field] = _is_sound(client, form, sent | {name: own})
            watch.begin()

    assert "\n".join(watch.wrong) == ""
    assert len(sound_once) > 20
    assert "\n".join(field for field, is_sound in sound_once.items() if not is_sound) == ""


def _is_sound(client: Client, form: PageForm, sent: dict[str, Any]) -> bool:
    """Whether it is taken with a thing of ours: then it was the foreign id that was refused."""
    with transaction.atomic():
        answer = client.post(form.url, sent)
        transaction.set_rollback(True)
    return answer.status_code in {200, 204, 302}


def _fields_of_ids(client: Client, ours: dict[str, Any]) -> Iterator[tuple[PageForm, str, str]]:
    """Each field of ids of each page, and of the pages that links with ids lead to, once for each form."""
    pages = [
        "/o/acme/"
        + filled(route.pattern, ours[kind_of(route.pattern)] if names_a_thing(route.pattern) else "")
        for route in routes("odin_site.urls")
        if not (route.is_admin or route.is_for_keys)
    ]
    seen = set()
    for url in pages:
        page = client.get(url)
        html = page.text if page.get("Content-Type", "").startswith("text/html") else ""
        for form in forms_in(html, url) if page.status_code == 200 else ():
            for name, own in form.fields_of_ids():
                if (mark := (form.verb, form.url, name, *sorted(form.offered))) not in seen:
                    seen.add(mark)
                    yield form, name, own
                    # Some forms have more fields once it is known of what.
                    pages += [f"{form.url}?{name}={own}"] if form.verb == "get" and "?" not in url else []


def _filled_in(form: PageForm) -> dict[str, Any]:
    """As a person would send it: what the page has, the first of each choice, something where it is empty."""
    sent: dict[str, Any] = {}
    for name, offered in form.offered.items():
        values = [value for value in form.values.get(name, []) if value]
        first = "" if "" in offered else min(offered, default="")
        sent[name] = values or sorted(filter(is_id, offered))[:1] or TYPED.get(name, first)
    return sent


@pytest.mark.parametrize("role", ["viewer", "admin"])
def test_ticked_rows_of_another_organisation_are_gone(role, acme, theirs, picture, person):
    membership, before = Membership.objects.get(user=person(role), org=acme), picture()
    began = 0

    for label, kind in _kinds_of_bulk():
        for name in kind.actions:
            foreign = theirs[label.rpartition(".")[2].removesuffix("3d")]
            # Some look at a value before they look at the rows.
            run = start(
                Choice(kind, membership, (foreign,)), name, dict.fromkeys(kind.actions[name].values, "top")
            )
            (item,) = run.items.all()
            assert (item.state, item.name) == (Item.State.REFUSED, ""), f"{label} {name}"
            began += 1

    assert began > 20
    assert picture() == before


def _kinds_of_bulk() -> Iterator[tuple[str, Any]]:
    for config in apps.get_app_configs():
        if module_has_submodule(config.module, "bulk"):
            yield from getattr(import_module(f"{config.name}.bulk"), "KINDS", {}).items()
