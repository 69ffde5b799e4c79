"""Who may do what: every page and every operation of the API, by everybody, from one table.

What is not in the table fails by itself: whoever adds a page says here who may use it.
"""

import json
import re
from collections.abc import Callable, Iterator
from copy import copy
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from accounts.models import User
from orgs import limits
from orgs.models import ApiToken, Membership, Org
from orgs.roles import ACTIONS, Role, scopes_of
from tests.factories.models3d import upload
from tests.surface import (
    PARAMETER,
    SOUND,
    Operation,
    Route,
    document,
    filled,
    has_parameter,
    kind_of,
    operations,
    routes,
    sound,
    things,
)

OPEN, PERSON, VIEWER, OPERATOR, ADMIN, SUPERADMIN, NOBODY = (
    "open", "person", "viewer", "operator", "admin", "superadmin", "nobody",
)  # fmt: skip

# Pages below /o/<slug>/: the least role. Below it is 403; strangers meet 404; nobody is led to sign in.
ORG_PAGES = {
    VIEWER: """
        reports:dashboard reports:live reports:list reports:report
        printers:list printers:live printers:detail printers:detail_live printers:telemetry
        printers:views printers:view_add printers:view_edit printers:view_delete
        quotas:list jobs:left
        lending:live lending:printer lending:printer_live
        printers:plate printers:plate_codes
        jobs:list jobs:live jobs:timeline jobs:add jobs:file jobs:detail jobs:detail_live jobs:edit
        jobs:cancel jobs:again
        jobs:resubmit jobs:bulk jobs:presets jobs:preset_add jobs:preset_edit jobs:preset_delete
        jobs:judge jobs:good jobs:all_good jobs:reprint jobs:photo jobs:failures
        models:list models:live models:upload models:detail models:current models:edit models:revise
        models:delete models:revert models:file models:thumbnail models:collections models:fits
        models:compare models:star models:archive models:restore models:purge models:move_jobs
        models:layers models:layer models:bulk bulk:run bulk:undo
        accounts:profile accounts:sign_in accounts:sign_out accounts:password
        accounts:security accounts:session_end accounts:sessions_end
        accounts:authenticator accounts:authenticator_remove accounts:recovery accounts:devices_forget
        accounts:passkey_challenge accounts:passkey_options accounts:passkey_add accounts:passkey_rename
        accounts:passkey_remove
        orgs:tokens orgs:revoke orgs:rotate orgs:jump orgs:brand orgs:logo
        spools:list spools:detail spools:filaments spools:dryings spools:drying_rules spools:locations
        spools:csv spools:ledger_csv spools:labels spools:scan code:spool
        alerts:list alerts:bell alerts:read alerts:preferences alerts:quiet alerts:quiet_end
        inbox:send inbox:bare inbox:opened
        channels:own channels:chat_add channels:mail_test channels:push_add channels:push_remove
        channels:worker channels:own_test channels:own_switch channels:own_delete
        channels:log channels:again
    """,
    OPERATOR: """
        printers:add printers:test_new printers:edit printers:test printers:delete printers:plate_cleared
        printers:nearby
        printers:enable printers:disable printers:out_of_service printers:pause printers:resume
        printers:bulk printers:stop_all printers:stopped printers:stopped_live
        printers:cancel printers:stop printers:clear_errors printers:plate_said printers:release
        printers:adjust
        maintenance:list maintenance:add maintenance:edit maintenance:delete maintenance:done
        maintenance:log maintenance:log_csv maintenance:entry_delete maintenance:photo
        maintenance:templates maintenance:template_add maintenance:template_edit
        maintenance:template_delete maintenance:hours maintenance:nozzle
        printers:tags printers:tag_edit printers:tag_delete
        jobs:approve jobs:reject jobs:ask_change
        jobs:reasons jobs:reason_edit jobs:reason_retire jobs:reason_restore
        jobs:move jobs:start jobs:slots jobs:resolve jobs:delete
        lending:list lending:guests lending:ledger lending:ledger_csv lending:answer
        lending:pause lending:resume lending:cancel
        reports:schedules reports:schedule_add reports:schedule_preview reports:schedule
        reports:schedule_edit reports:schedule_delete reports:schedule_run reports:schedule_try
        reports:schedule_pause reports:schedule_resume reports:runs reports:run reports:run_file
        reports:send_again
        charges:month charges:statement charges:none charges:organisation charges:cards
        models:collection_rename models:collection_delete
        spools:add spools:edit spools:weigh spools:load spools:unload spools:archive spools:restore
        spools:bulk spools:set_tags spools:tags spools:tag_edit spools:tag_delete
        spools:drying_add spools:drying_edit spools:drying_delete
        spools:drying_rule_set spools:drying_rule_forget
        spools:load_slot spools:filament_add spools:filament_edit spools:filament_delete spools:move
        spools:location_add spools:location_edit spools:location_merge spools:location_delete
        spools:reels spools:reel_delete
        spools:import spools:import_look spools:import_wishes
        code:load code:unload code:weigh code:move code:empty code:restore
        alerts:acknowledge alerts:bulk
    """,
    ADMIN: """
        audit:list orgs:members orgs:invite orgs:change_role orgs:remove orgs:resend orgs:withdraw
        alerts:quiet_org alerts:quiet_org_end alerts:defaults
        orgs:limit orgs:access orgs:access_networks orgs:access_mfa orgs:reset_mfa
        orgs:settings orgs:branding orgs:branding_preview
        orgs:put orgs:departments orgs:department_edit orgs:department_delete
        quotas:rules quotas:add quotas:edit quotas:delete
        charges:close charges:correct charges:counter charges:move
        charges:card_add charges:card_edit charges:card_delete
        lending:offer lending:withdraw lending:correct
        channels:org channels:org_add channels:org_edit channels:org_secret channels:org_test
        channels:org_switch channels:org_delete
    """,
}
# Account pages are one's own, in whichever organisation they are asked for.
WITHOUT_ACTION = {name for name in ORG_PAGES[VIEWER].split() if name.startswith("accounts:")}
# The viewer's own: admins see it too, operators do not.
OWN = {"orgs:revoke", "channels:again"}
# Below /o/<slug>/ too, but for slicers' keys: all of them for every role, with the scope write:models.
FOR_SLICERS = {"inbox:ask", "inbox:upload", "inbox:command", "inbox:nothing"}
# The viewer's own, whoever else asks.
OWN_ALONE = {
    "bulk:undo", "orgs:rotate", "printers:view_edit", "printers:view_delete",
    "channels:own_test", "channels:own_switch", "channels:own_delete",
    "accounts:session_end", "accounts:passkey_rename", "accounts:passkey_remove",
}  # fmt: skip
# Of the organisation's preset; one's own is for everybody.
OF_ALL = {"jobs:preset_edit", "jobs:preset_delete"}
# What a page needs to be sent by whoever may use it; "<kind>" is the id of such a thing.
SENT = {
    "alerts:bulk": {"action": "acknowledge", "row": "<alert>"},
    "jobs:start": {"printer": "<printer>"},
    "code:load": {"slot": "<slot>"},
    "models:bulk": {"action": "archive", "row": "<model>"},
    "printers:bulk": {"action": "enable", "row": "<printer>"},
    "spools:bulk": {"action": "archive", "row": "<spool>"},
    "jobs:bulk": {"action": "cancel", "row": "<job>"},
}
# Pages outside organisations; set-up is closed for ever on a server that is set up.
PUBLIC_PAGES = {
    OPEN: """
        accounts:sign_in accounts:sign_out accounts:forgot accounts:reset
        accounts:second_step accounts:passkey_challenge accounts:passkey_enter
        reports:confirm reports:unsubscribe told:stop
        orgs:accept orgs:accept_as_other api:openapi-json api:openapi-view
    """,
    PERSON: """
        orgs:choose orgs:list accounts:profile accounts:password accounts:security accounts:session_end
        accounts:sessions_end accounts:authenticator accounts:authenticator_remove accounts:recovery
        accounts:devices_forget accounts:passkey_options accounts:passkey_add accounts:passkey_rename
        accounts:passkey_remove
    """,
    SUPERADMIN: """
        orgs:platform orgs:create orgs:manage orgs:rename orgs:suspend orgs:resume orgs:archive orgs:restore
        orgs:platform_access mail:server mail:test mail:forget
    """,
    NOBODY: "orgs:set_up",
}
# Operations of the API: the least role and the scope a token needs.
OPERATIONS = {
    (VIEWER, ""): "GET /api/me",
    (VIEWER, "read:printers"): """
        GET /api/printers | GET /api/printers/{pk} | GET /api/printers/{pk}/telemetry
        | GET /api/printers/stop/{run}
    """,
    (OPERATOR, "write:printers"): """
        POST /api/printers | POST /api/printers/test | PATCH /api/printers/{pk} | DELETE /api/printers/{pk}
        | POST /api/printers/{pk}/pause | POST /api/printers/{pk}/resume | POST /api/printers/{pk}/cancel
        | POST /api/printers/{pk}/stop | POST /api/printers/{pk}/clear-errors
        | POST /api/printers/{pk}/plate-cleared | POST /api/printers/{pk}/enable
        | POST /api/printers/{pk}/disable | POST /api/printers/{pk}/out-of-service
        | POST /api/printers/{pk}/release | POST /api/printers/{pk}/adjust
        | POST /api/printers/bulk | POST /api/printers/stop
        | POST /api/maintenance/tasks | PATCH /api/maintenance/tasks/{pk} | DELETE /api/maintenance/tasks/{pk}
        | POST /api/maintenance/tasks/{pk}/done | DELETE /api/maintenance/log/{pk}
        | PATCH /api/maintenance/printers/{pk} | POST /api/maintenance/printers/{pk}/nozzle
    """,
    (OPERATOR, "read:printers"): """
        GET /api/lending/offers | GET /api/lending/offers/{printer_id} | GET /api/lending/guests
        | GET /api/lending/ledger
        | GET /api/maintenance/tasks | GET /api/maintenance/tasks/{pk} | GET /api/maintenance/log
        | GET /api/maintenance/printers/{pk}
    """,
    (VIEWER, "read:models"): """
        GET /api/bulk/{run} | GET /api/models | GET /api/models/{model_id} | GET /api/models/{model_id}/fits
        | GET /api/models/{model_id}/revisions | GET /api/models/{model_id}/revisions/{number}/file
        | GET /api/models/{model_id}/revisions/{number}/thumbnail
    """,
    (VIEWER, "write:models"): """
        POST /api/models | POST /api/models/bulk
        | PATCH /api/models/{model_id} | DELETE /api/models/{model_id}
        | POST /api/models/{model_id}/revisions | POST /api/models/{model_id}/revisions/{number}/revert
    """,
    (VIEWER, "read:jobs"): """
        GET /api/jobs | GET /api/jobs/{pk} | GET /api/jobs/{pk}/slots | GET /api/jobs/reasons
        | GET /api/presets | GET /api/presets/{pk} | GET /api/quotas | GET /api/jobs/{pk}/charges
    """,
    (VIEWER, "write:jobs"): """
        POST /api/presets | POST /api/jobs/{pk}/resubmit | POST /api/jobs/bulk |
        POST /api/jobs | PATCH /api/jobs/{pk} | POST /api/jobs/{pk}/cancel | POST /api/jobs/{pk}/print-again
        | POST /api/jobs/{pk}/verdict | POST /api/jobs/{pk}/reprint
    """,
    (OPERATOR, "write:jobs"): """
        PATCH /api/presets/{pk} | DELETE /api/presets/{pk} |
        POST /api/jobs/{pk}/approve | POST /api/jobs/{pk}/reject | POST /api/jobs/{pk}/ask-change |
        DELETE /api/jobs/{pk} | POST /api/jobs/{pk}/start | POST /api/jobs/{pk}/resolve-start
        | POST /api/jobs/{pk}/move | POST /api/jobs/{pk}/failure
    """,
    (VIEWER, "read:spools"): """
        GET /api/filaments | GET /api/filaments/{pk} | GET /api/spools | GET /api/spools/{pk}
        | GET /api/spools/{pk}/usage | GET /api/spools/{pk}/dryings
        | GET /api/dryings | GET /api/dryings/{pk} | GET /api/drying-rules
        | GET /api/locations | GET /api/locations/{pk}
    """,
    (OPERATOR, "write:spools"): """
        POST /api/filaments | PATCH /api/filaments/{pk} | DELETE /api/filaments/{pk}
        | POST /api/spools | PATCH /api/spools/{pk} | DELETE /api/spools/{pk} | POST /api/spools/{pk}/weigh
        | POST /api/spools/{pk}/load | POST /api/spools/{pk}/unload | POST /api/spools/{pk}/archive
        | POST /api/spools/{pk}/restore | POST /api/spools/bulk | POST /api/spools/{pk}/dryings
        | PATCH /api/dryings/{pk} | DELETE /api/dryings/{pk}
        | POST /api/drying-rules | DELETE /api/drying-rules/{pk}
        | POST /api/locations | PATCH /api/locations/{pk} | DELETE /api/locations/{pk}
        | POST /api/locations/{pk}/merge
    """,
    (VIEWER, "read:reports"): "GET /api/reports | GET /api/reports/{kind}",
    (OPERATOR, "read:reports"): """
        GET /api/chargebacks/lines | GET /api/chargebacks/months
        | GET /api/rate-cards | GET /api/rate-cards/{pk} |
        GET /api/reports/schedules | GET /api/reports/schedules/{pk} | GET /api/reports/runs
        | GET /api/reports/runs/{pk} | GET /api/reports/runs/{pk}/pdf | GET /api/reports/runs/{pk}/html
    """,
    (OPERATOR, "write:reports"): """
        POST /api/reports/schedules | PATCH /api/reports/schedules/{pk} | DELETE /api/reports/schedules/{pk}
        | POST /api/reports/schedules/{pk}/run
    """,
    (VIEWER, "read:alerts"): "GET /api/alerts | GET /api/alerts/{pk}",
    (OPERATOR, "write:alerts"): "POST /api/alerts/{pk}/acknowledge",
    (ADMIN, "admin"): """
        GET /api/audit | POST /api/rate-cards | PUT /api/rate-cards/{pk} | DELETE /api/rate-cards/{pk}
        | POST /api/chargebacks/close | POST /api/chargebacks/corrections | POST /api/chargebacks/move
        | POST /api/chargebacks/lines/{pk}/counter
        | POST /api/lending/offers | PATCH /api/lending/offers/{printer_id}
        | POST /api/lending/offers/{printer_id}/withdraw | POST /api/lending/guests/{pk}/correct
    """,
}
SOME_ID = "019d0000-0000-7000-8000-000000000000"
LEAST_OF_PAGE = {name: least for least, names in ORG_PAGES.items() for name in names.split()}
LEAST_OF_PUBLIC = {name: least for least, names in PUBLIC_PAGES.items() for name in names.split()}
NEEDED = {key.strip(): needed for needed, keys in OPERATIONS.items() for key in keys.split("|")}

SIGN_IN = re.compile(r"(/account/sign-in|/admin/login)/\?next=")
RANK = {VIEWER: 1, OPERATOR: 2, ADMIN: 3, SUPERADMIN: 4}
ORG_ROUTES = [route for route in routes("odin_site.urls") if not route.is_admin and not route.is_for_keys]
SLICER_ROUTES = [route for route in routes("odin_site.urls") if route.is_for_keys]
PUBLIC_ROUTES = [
    route
    for route in routes("odin_site.urls_public")
    if not route.is_admin and not (route.name.startswith("api:") and "openapi" not in route.name)
]
ADMIN_ROUTES = [
    (start, route)
    for start, urlconf in (("/o/acme/", "odin_site.urls"), ("/", "odin_site.urls_public"))
    for route in routes(urlconf)
    if route.is_admin and "?P<" not in route.pattern
]
ALL_OPERATIONS = operations()


def told(response: HttpResponse) -> str:
    """An answer in the words of the table; "broken" is what nobody may ever get."""
    if response.status_code >= 500:
        return f"broken: {response.status_code}"
    if response.status_code == 302 and SIGN_IN.search(response["Location"]):
        return "sign in"
    return {401: "unknown", 403: "refused", 404: "missing"}.get(response.status_code, "allowed")


def answers(
    client: Client, url: str, sent: dict[str, Any] | None = None, verbs: tuple[str, ...] = ("get", "post")
) -> Iterator[tuple[str, str]]:
    """What each verb that the page takes is answered; nothing of it stays, in the session neither."""
    client.raise_request_exception = False
    cookies, session = copy(client.cookies), client.session
    kept = dict(session.items())
    for verb in verbs:
        with transaction.atomic():
            response = getattr(client, verb)(url, (sent or {}) if verb == "post" else {})
            transaction.set_rollback(True)
        client.cookies = copy(cookies)
        if session.session_key:
            cache.set(session.cache_key, kept)
        if response.status_code != 405:
            yield verb, told(response)


class Addresses:
    """Fills paths with things of the kinds they name, the viewer's own; made when one is needed."""

    def __init__(self, org: Org, by: User) -> None:
        self.org, self.by = org, by
        self.known: dict[str, Any] = {}

    def __call__(self, path: str) -> str:
        return filled(path, self.things[kind_of(path)]) if has_parameter(path) else path

    @property
    def things(self) -> dict[str, Any]:
        self.known = self.known or things(self.org, self.by)
        return self.known

    def body(self, operation: Operation) -> str:
        return json.dumps(sound(operation.key, self.things) if operation.key in SOUND else {})


def named(value: str, address: Addresses) -> str:
    return str(address.things[value[1:-1]]) if value.startswith("<") else value


@pytest.fixture
def address(acme: Org, person: Callable[..., User], settings: Any, tmp_path: Any) -> Addresses:
    settings.MEDIA_ROOT = tmp_path
    return Addresses(acme, person(VIEWER))


@pytest.fixture
def callers(sign_in: Callable[..., Client]) -> dict[str, Client]:
    return {
        "nobody": Client(),
        "stranger": sign_in("admin", "rival"),
        VIEWER: sign_in("viewer"),
        OPERATOR: sign_in("operator"),
        ADMIN: sign_in("admin"),
        SUPERADMIN: sign_in("root"),
    }


@pytest.mark.timeout(600)
@pytest.mark.parametrize("app", sorted({route.name.partition(":")[0] for route in ORG_ROUTES}))
def test_pages_of_an_organisation_are_for_their_role_and_above(app, address, callers):
    wrong = {}
    for route in ORG_ROUTES:
        if route.name.partition(":")[0] != app:
            continue
        url = "/o/acme/" + address(route.pattern)
        sent = {name: named(value, address) for name, value in SENT.get(route.name, {}).items()}
        # A verb that a page does not take is refused before anybody is asked who they are.
        verbs = tuple(dict(answers(callers[ADMIN], url, sent)))
        for who, word in expected_of(route.name).items():
            said = dict(answers(callers[who], url, sent, verbs))
            if set(said.values()) != {word}:
                wrong[f"{route.name} for {who}"] = (word, said)

    assert wrong == {}


def expected_of(name: str) -> dict[str, str]:
    """What everybody is told by a page below /o/<slug>/."""
    least = RANK[LEAST_OF_PAGE[name]]
    expected = {"nobody": "sign in", "stranger": "missing"}
    expected |= {who: "allowed" if rank >= least else "refused" for who, rank in RANK.items()}
    if name in OWN:
        expected[OPERATOR] = "missing"
    if name in OF_ALL:
        expected[VIEWER] = "refused"
    if name in OWN_ALONE:
        expected |= dict.fromkeys((OPERATOR, ADMIN, SUPERADMIN), "missing")
    return expected


def test_pages_of_an_organisation_name_the_action_they_ask_for():
    action_of = {route.name: getattr(route.view, "required_action", None) for route in ORG_ROUTES}

    assert {name for name, action in action_of.items() if action is None} == WITHOUT_ACTION
    assert {name: ACTIONS[action].least.word for name, action in action_of.items() if action is not None} == {
        name: least for name, least in LEAST_OF_PAGE.items() if name not in WITHOUT_ACTION
    }


def told_slicer(client: Client, url: str) -> set[str]:
    """What a slicer with the client's key is answered, whichever verb it uses."""
    slicer = Client(headers={"Authorization": client.defaults["HTTP_AUTHORIZATION"]})
    return {word for _verb, word in answers(slicer, url, {"file": upload()})}


@pytest.mark.parametrize("route", SLICER_ROUTES, ids=lambda route: route.name)
def test_inbox_is_for_keys_of_every_role_and_for_no_session(route: Route, address, callers, api):
    url = "/o/acme/" + address(route.pattern)
    taken = {"inbox:nothing": {"missing"}, "inbox:ask": {"allowed", "missing"}}.get(route.name, {"allowed"})

    keys = {role: told_slicer(api(role), url) for role in (VIEWER, OPERATOR, ADMIN)}
    foreign = told_slicer(api(ADMIN, "rival"), url)
    sessions = {who: {word for _verb, word in answers(client, url)} for who, client in callers.items()}

    assert keys == dict.fromkeys(keys, taken)
    assert foreign == {"refused"}
    assert sessions == dict.fromkeys(callers, {"unknown"})


@pytest.mark.parametrize("route", SLICER_ROUTES, ids=lambda route: route.name)
def test_inbox_asks_for_its_scope_and_no_other(route: Route, address, api):
    url = "/o/acme/" + address(route.pattern)
    others = [one for one in scopes_of(Role.ADMIN) if one != "write:models"]

    without = told_slicer(api(ADMIN, scopes=others), url)
    alone = told_slicer(api(ADMIN, scopes=["write:models"]), url)

    assert without == {"refused"}
    assert "refused" not in alone
    assert route.view.required_action == "model.upload"


@pytest.mark.timeout(600)
def test_pages_outside_organisations_are_for_whom_the_table_says(callers, address):
    wrong = {}
    for route in PUBLIC_ROUTES:
        url = "/" + address(route.pattern)
        seen = {who: set(dict(answers(client, url)).values()) for who, client in callers.items()}
        for who, words in allowed_outside(route).items():
            # A link in a mail is a secret; a wrong one is no page for anybody.
            is_right = seen[who] <= words if has_parameter(route.pattern) else seen[who] == words
            if not is_right:
                wrong[f"{route.name} for {who}"] = (words, seen[who])

    assert wrong == {}


def allowed_outside(route: Route) -> dict[str, set[str]]:
    least = LEAST_OF_PUBLIC[route.name]
    members = ("stranger", VIEWER, OPERATOR, ADMIN)
    if has_parameter(route.pattern) and least == SUPERADMIN:
        return {"nobody": {"sign in"}, SUPERADMIN: {"allowed"}, **dict.fromkeys(members, {"missing"})}
    if has_parameter(route.pattern):
        nobody = {"sign in"} if least == PERSON else {"missing", "allowed"}
        return dict.fromkeys((*members, SUPERADMIN), {"missing", "allowed"}) | {"nobody": nobody}
    return {
        "nobody": {{OPEN: "allowed", NOBODY: "missing"}.get(least, "sign in")},
        SUPERADMIN: {"missing" if least == NOBODY else "allowed"},
        **dict.fromkeys(members, {"allowed" if least in {OPEN, PERSON} else "missing"}),
    }


@pytest.mark.timeout(600)
@pytest.mark.parametrize("start", ["/", "/o/acme/"])
def test_django_admin_is_for_superadmins_alone(start, db, callers):
    wrong = {}
    for place, route in ADMIN_ROUTES:
        if place != start:
            continue
        url = start + filled(route.pattern, SOME_ID)
        for who, client in callers.items():
            said = set(dict(answers(client, url)).values())
            if who == SUPERADMIN:
                is_right = not {word for word in said if word.startswith("broken") or word == "sign in"}
            elif who == "nobody":
                is_right = said <= {"sign in", "missing"} or url.endswith(("/login/", "/logout/"))
            else:
                is_right = said == {"missing"}
            if not is_right:
                wrong[f"{url} for {who}"] = said

    assert wrong == {}


def test_table_names_no_page_that_is_gone():
    assert set(LEAST_OF_PAGE) == {route.name for route in ORG_ROUTES}
    assert {route.name for route in SLICER_ROUTES} == FOR_SLICERS
    assert set(LEAST_OF_PUBLIC) == {route.name for route in PUBLIC_ROUTES}
    assert set(NEEDED) == {operation.key for operation in ALL_OPERATIONS}


def test_every_address_of_the_api_is_in_its_document():
    paths = {
        "/" + PARAMETER.sub("{}", route.pattern)
        for route in routes("odin_site.urls_public")
        if route.name.startswith("api:")
    }

    listed = {PARAMETER.sub("{}", path) for path in document()["paths"]}

    assert paths - {"/api/", "/api/openapi.json", "/api/docs"} == listed


def called(client: Client, operation: Operation, address: Addresses) -> HttpResponse:
    """What an operation answers a sound body; nothing of it stays."""
    client.raise_request_exception = False
    url, body = address(operation.path), address.body(operation)
    with transaction.atomic():
        response = client.generic(operation.verb, url, body, "application/json")
        transaction.set_rollback(True)
    return response


@pytest.mark.timeout(600)
def test_operations_are_for_their_role_and_above(address, api):
    scripts = {who: api(who) for who in (VIEWER, OPERATOR, ADMIN)}
    wrong = {}
    for operation in ALL_OPERATIONS:
        least, _ = NEEDED[operation.key]
        for who, script in scripts.items():
            said = told(called(script, operation, address))
            if said != ("allowed" if RANK[who] >= RANK[least] else "refused"):
                wrong[f"{operation.key} for {who}"] = said

    assert wrong == {}


@pytest.mark.timeout(600)
def test_operations_ask_for_their_scope_and_no_other(address, api):
    everything = scopes_of(Role.ADMIN)
    without = {scope: api(ADMIN, scopes=[one for one in everything if one != scope]) for scope in everything}
    alone = {scope: api(ADMIN, scopes=[scope]) for scope in everything}
    wrong = {}
    for operation in ALL_OPERATIONS:
        scope = NEEDED[operation.key][1]
        said = (
            told(called(without[scope or "admin"], operation, address)),
            told(called(alone[scope or "read:alerts"], operation, address)),
        )
        if said != ("refused" if scope else "allowed", "allowed"):
            wrong[operation.key] = said

    assert wrong == {}


def test_operations_know_living_tokens_only(address, client, sign_in, monkeypatch):
    monkeypatch.setattr(limits, "WRONG_TOKENS", len(ALL_OPERATIONS))
    callers = [client, sign_in(ADMIN), Client(headers={"Authorization": "Bearer odin_" + "a" * 55})]
    wrong = {}
    for operation in ALL_OPERATIONS:
        for caller in callers:
            answer = called(caller, operation, address)
            if (answer.status_code, answer["Content-Type"]) != (401, "application/problem+json"):
                wrong[operation.key] = answer.status_code

    assert wrong == {}


@pytest.mark.parametrize("death", ["expired", "revoked", "left", "disabled", "archived"])
def test_dead_token_opens_nothing(death: str, acme, person, api):
    client, user = api(ADMIN), person(ADMIN)
    if death == "expired":
        ApiToken.objects.filter(user=user).update(expires_at=timezone.now() - timedelta(seconds=1))
    elif death == "revoked":
        ApiToken.objects.filter(user=user).delete()
    elif death == "left":
        Membership.objects.filter(user=user).delete()
    elif death == "disabled":
        type(user).objects.filter(pk=user.pk).update(is_active=False)
    else:
        Org.objects.filter(pk=acme.pk).update(state=Org.State.ARCHIVED)

    assert client.get("/api/me").status_code == 401
    assert client.get("/api/printers").status_code == 401


def test_token_never_does_more_than_its_person_may_now(acme, person, api):
    client = api(ADMIN)
    Membership.objects.filter(user=person(ADMIN), org=acme).update(role=Role.VIEWER)

    assert client.get("/api/audit").status_code == 403
    assert client.get("/api/printers").status_code == 200


def test_palette_finds_a_viewer_only_their_own_jobs(acme, person, sign_in, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    pk = things(acme, person(OPERATOR))["job"]

    found = {who: str(pk) in sign_in(who).get("/o/acme/jump/?q=Thing").text for who in (VIEWER, OPERATOR)}

    assert found == {VIEWER: False, OPERATOR: True}
