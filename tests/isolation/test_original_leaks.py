"""The leaks and safety holes that were found in the original, one by one: none of them is here.

The names are those of its facts (shared/facts/original.md): B1 to B7 and C1. Where a thing can't go wrong by
construction, the test shows that the construction holds. What the tests of an app prove already is named at
the end, and must be there.
"""

import ast
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django_tenants.utils import tenant_context

from accounts import factors, resetting
from accounts.models import PasswordReset, User
from accounts.models import Session as Seen
from jobs import planning
from jobs.models import Job, Quota
from jobs.submitting import Order, submit
from maintenance.models import TaskTemplate
from models3d.models import Model3D, Revision
from orgs import access, tokens
from orgs.models import ApiToken, Department, Invitation, Membership, Org
from printers import live
from printers.drivers.driver import MachineState, Status
from printers.models import Printer, Tag
from reports import following
from stations.models import Dispatch, Station
from tests.conftest import PASSWORD
from tests.factories.accounts import next_code, with_app
from tests.factories.inventory import make_spool
from tests.factories.models3d import make_model, upload
from tests.factories.printers import make_printer

from .test_construction import imported, nodes

ROOT = Path(__file__).resolve().parents[2]
WORD = "Quetzalcoatl"
CREATES_A_JOB = {"Job", "Job.objects.create", "Job.objects.get_or_create", "Job.objects.update_or_create"}
OUTSIDE, INSIDE = "203.0.113.9", "192.168.1.7"


@pytest.fixture
def theirs(acme, rival, person) -> dict[str, Any]:
    """What the original gave away: a printer with a slot, a model, a job, a spool, a tag and a template."""
    following.forget()
    with tenant_context(rival):
        tag, by = Tag.objects.create(name=WORD), person("operator", "rival")
        printer = make_printer(WORD, tags=[tag], address="10.1.1.1")
        live.swap(rival.pk, printer.pk, Status(MachineState.PRINTING, file=f"{WORD}.gcode"))
        model = make_model(WORD, by)
        spool = make_spool(lot=WORD, slot=printer.slots.get(index=0))
        job = submit(Order(model.current, printer=printer, target=Job.Target.PRINTER), by)
        TaskTemplate.objects.create(name=WORD, every_hours=9)
        return {"printer": printer, "model": model, "spool": spool, "job": job}


def test_b1_required_second_step_lets_people_set_it_up(acme, sign_in):
    access.save_mfa(acme, "members", 0)
    client = sign_in("viewer")

    led = client.get("/o/acme/printers/")

    assert led["Location"].startswith("/o/acme/account/app/")
    assert client.get(led["Location"]).status_code == 200


def test_b1_code_is_not_taken_twice_within_its_window(person):
    user = person("viewer")
    with_app(user)
    code = next_code(user)

    assert [bool(factors.take_code(user, code)) for _ in range(3)] == [True, False, False]


def test_b1_there_are_recovery_codes_and_each_is_taken_once(person):
    user = person("viewer")
    first, second, *_others = with_app(user)

    assert [bool(factors.take_code(user, code)) for code in (first, first, second)] == [True, False, True]


def test_b1_sensitive_actions_ask_again_who_one_is(acme, sign_in):
    client = sign_in("viewer")
    session = client.session
    session["sure_at"] = 0
    session.save()

    client.post("/o/acme/tokens/", {"name": "nightly", "scopes": ["read:jobs"], "days": 90})

    assert not ApiToken.objects.exists()


def test_b2_token_that_reads_changes_no_job(acme, api, person):
    job = submit(Order(make_model().current), person("operator"))
    script = api("operator", scopes=["read:jobs"])

    told = [
        script.patch(f"/api/jobs/{job.pk}", {"notes": "changed"}),
        script.post(f"/api/jobs/{job.pk}/cancel"),
        script.post("/api/jobs/bulk", {"ids": [str(job.pk)], "action": "cancel"}),
    ]

    assert [answer.status_code for answer in told] == [403, 403, 403]


def test_b2_empty_scopes_are_no_power(acme, api, person):
    with pytest.raises(ValueError, match="none"):
        tokens.issue(person("admin"), acme, "x", [])
    script = api("admin")

    ApiToken.objects.update(scopes=[])

    assert script.get("/api/printers").status_code == 403


def test_b2_token_does_not_outlive_a_disabled_account(api, person):
    script = api("viewer")

    User.objects.filter(pk=person("viewer").pk).update(is_active=False)

    assert script.get("/api/me").status_code == 401


def test_b2_token_is_found_by_a_lookup_of_its_own_and_proven_whole(api):
    script = api("viewer")
    text = script.defaults["HTTP_AUTHORIZATION"]
    for wrong in (text[:-1] + "!", text[:-30], text.replace(text[12:24], "0" * 12)):
        assert Client().get("/api/me", headers={"Authorization": wrong}).status_code == 401


def test_b3_sessions_are_listed_and_a_new_password_ends_the_others(sign_in, person):
    here, there = sign_in("viewer"), sign_in("viewer")
    assert Seen.objects.filter(user=person("viewer")).count() == 2
    form = {"current": PASSWORD, "new": "Another8stable", "again": "Another8stable"}

    here.post("/account/password/", form)

    assert there.get("/o/acme/account/").status_code == 302


def test_b3_disabled_person_does_not_go_on_working(sign_in, person):
    client = sign_in("operator")
    assert client.get("/o/acme/").status_code == 200

    User.objects.filter(pk=person("operator").pk).update(is_active=False)

    assert client.get("/o/acme/").status_code == 302


def test_b3_whoever_takes_over_an_address_inherits_no_session(sign_in, person):
    client, viewer = sign_in("viewer"), person("viewer")
    User.objects.filter(pk=viewer.pk).update(email="renamed@acme.test")
    User.objects.create_user("viewer@acme.test", PASSWORD, name="Somebody else")

    assert client.get("/o/acme/account/").context["user"].pk == viewer.pk


def test_b3_link_to_a_new_password_is_not_kept_as_it_is(person, mailoutbox):
    resetting.mail_link("viewer@acme.test", "/account/reset/LINK/", "en")

    kept = PasswordReset.objects.get()

    link = mailoutbox[0].body.partition("/account/reset/")[2].partition("/")[0]
    assert len(link) > 40
    assert link.encode() not in bytes(kept.digest)


def test_b4_grams_are_counted_and_no_way_of_making_a_job_goes_round_the_quota(acme, api, person):
    """Every job is made in one place, which asks the quotas."""
    Quota.objects.create(who="viewer", amount=5, measure="grams", span="week")
    model = make_model(by=person("viewer"))
    called = {
        path for path, node in nodes(ast.Call) if ast.unparse(node.func) in {"Job", "Job.objects.create"}
    }
    # The first writes what it foresees onto rows that are there, the other is the demo's past.
    made = called & imported()["jobs.models.Job"] - {"jobs/foreseeing.py", "demo/history.py"}

    told = [api("viewer").post("/api/jobs", {"model_id": str(model.pk)}).status_code for _ in range(2)]

    assert told == [201, 422]
    assert made == {"jobs/submitting.py"}


def test_b4_quota_is_never_negative(acme, sign_in):
    form = {"who": "viewer", "amount": "-1", "measure": "jobs", "span": "week"}

    assert sign_in("admin").post("/o/acme/quotas/rules/add/", form).status_code == 422


@pytest.mark.parametrize("model", [Membership, Department, Invitation, ApiToken, Station, Dispatch])
def test_b5_nothing_is_without_an_owner(model):
    owner = next(one for one in model._meta.fields if one.related_model is Org)

    assert not owner.null


def test_b5_closing_an_organisation_publishes_nothing_and_raises_nobody(theirs, rival, sign_in, api):
    admin, script = sign_in("admin", "rival"), api("admin", "rival")

    Org.objects.filter(pk=rival.pk).update(state=Org.State.ARCHIVED)

    assert not User.objects.get(email="admin@rival.test").is_superadmin
    for path in ("/o/rival/", "/o/rival/audit/", "/o/acme/", "/organisations/new/", "/admin/"):
        assert admin.get(path).status_code == 404
    assert script.get("/api/audit").status_code == 401
    for path in ("printers/", "models/", "queue/", "filament/", "printers/tags/"):
        assert WORD not in sign_in("admin").get(f"/o/acme/{path}").text


def test_b5_person_of_no_organisation_sees_none(theirs, sign_in, person):
    client = sign_in("viewer")
    Membership.objects.filter(user=person("viewer")).delete()

    assert [client.get(path).status_code for path in ("/o/acme/", "/o/rival/", "/o/acme/printers/")] == [
        404
    ] * 3
    assert "/o/" not in client.get("/organisations/").text.partition("<main")[2]


def test_b5_person_of_two_organisations_has_a_role_in_each(acme, rival, sign_in, person):
    Membership.objects.create(user=person("viewer"), org=rival, role=30)
    client = sign_in("viewer")

    assert client.get("/o/rival/members/").status_code == 200
    assert client.get("/o/acme/members/").status_code == 403


def test_b7_nobody_writes_their_own_address(acme, sign_in):
    access.save_networks(acme, ["192.168.1.0/24"], INSIDE)
    client = sign_in("viewer")

    for said in (INSIDE, f"{INSIDE}, {OUTSIDE}", f"::ffff:{INSIDE}", "127.0.0.1"):
        headers = {"X-Forwarded-For": said, "X-Real-IP": said, "Forwarded": f"for={said}"}
        assert client.get("/o/acme/", REMOTE_ADDR=OUTSIDE, headers=headers).status_code == 403


def test_b7_list_holds_for_pages_live_updates_files_and_the_api_and_for_loopback(acme, sign_in, api, person):
    access.save_networks(acme, ["192.168.1.0/24"], INSIDE)
    model, client = make_model(by=person("viewer")), sign_in("viewer")
    pages = ("", "printers/live/?version=0", "live/?version=0", f"models/{model.pk}/revisions/1/thumbnail/")

    for address in (OUTSIDE, "127.0.0.1", "::1", "::ffff:127.0.0.1"):
        assert {client.get(f"/o/acme/{page}", REMOTE_ADDR=address).status_code for page in pages} == {403}
        assert api("viewer").get("/api/printers", REMOTE_ADDR=address).status_code == 403


def test_b7_live_updates_ask_who_one_is(theirs):
    for path in ("/o/rival/printers/live/?version=0", "/o/rival/live/?version=0", "/o/rival/queue/live/"):
        answer = Client().get(path)
        assert answer.status_code == 302
        assert WORD not in answer.text


@pytest.mark.parametrize(
    ("what", "paths"),
    [
        ("slots", ["/api/printers/{printer}", "/o/acme/printers/{printer}/", "/api/jobs/{job}/slots"]),
        ("telemetry", ["/api/printers/{printer}/telemetry", "/o/acme/printers/{printer}/telemetry/"]),
        ("revisions", ["/api/models/{model}/revisions", "/o/acme/models/{model}/"]),
        ("files", ["/api/models/{model}/revisions/1/file", "/o/acme/models/{model}/revisions/1/file/"]),
        ("pictures", ["/api/models/{model}/revisions/1/thumbnail"]),
        (
            "maintenance",
            ["/api/maintenance/printers/{printer}", "/o/acme/maintenance/printers/{printer}/hours/"],
        ),
        ("spools", ["/api/spools/{spool}", "/o/acme/filament/{spool}/"]),
        ("jobs", ["/api/jobs/{job}", "/o/acme/queue/{job}/", "/o/acme/queue/{job}/live/"]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_c1_nobody_reads_the_others(what, paths, theirs, sign_in, api):
    ids = {kind: thing.pk for kind, thing in theirs.items()}
    for path in paths:
        asked = api("admin") if path.startswith("/api/") else sign_in("admin")
        assert asked.get(path.format(**ids)).status_code == 404, path


def test_c1_tags_and_templates_of_others_are_in_no_list(theirs, sign_in):
    for path in ("printers/tags/", "printers/", "maintenance/templates/", "queue/add/", "queue/presets/add/"):
        assert WORD not in sign_in("admin").get(f"/o/acme/{path}").text


def test_c1_nobody_changes_a_slot_of_others(theirs, api, rival):
    spool = make_spool()

    told = [
        api("operator").post(f"/api/spools/{spool.pk}/load", {"printer_id": str(theirs["printer"].pk)}),
        api("operator").post(f"/api/spools/{theirs['spool'].pk}/unload"),
    ]

    assert [answer.status_code for answer in told] == [404, 404]
    with tenant_context(rival):
        assert theirs["printer"].slots.get(index=0).spool == theirs["spool"]


def test_c1_nobody_adds_a_revision_to_a_model_of_others_or_deletes_it(theirs, api, rival):
    script, path = api("operator"), f"/api/models/{theirs['model'].pk}"

    told = [Client.post(script, f"{path}/revisions", {"file": upload()}), script.delete(path)]

    assert [answer.status_code for answer in told] == [404, 404]
    with tenant_context(rival):
        assert Revision.objects.filter(model__deleted_at=None).count() == 1


def test_c1_nobody_gives_their_job_to_a_printer_of_others(theirs, api):
    body = {"model_id": str(make_model().pk), "target": {"printer_id": str(theirs["printer"].pk)}}

    assert api("operator").post("/api/jobs", body).status_code == 404
    assert not Job.objects.exists()


def test_c1_matching_of_one_organisation_plans_nothing_of_another(theirs, acme, rival):
    Org.objects.update(auto_queue=True)
    with tenant_context(rival):
        Printer.objects.update(auto_queue=True)
        Job.objects.update(auto_start=True)

    planning.match_in_turn()

    assert not Dispatch.objects.exists()


def test_c1_nobody_disables_or_stops_printers_of_others(theirs, api, rival):
    ids = [str(theirs["printer"].pk)]

    api("admin").post("/api/printers/bulk", {"ids": ids, "action": "disable"})
    api("admin").post("/api/printers/stop", {"ids": ids})
    api("admin").post("/api/printers/stop", {"all": True})

    with tenant_context(rival):
        assert Printer.objects.filter(enabled=True, out_of_service_reason="").count() == 1
    assert Station.objects.filter(pk=theirs["printer"].pk, enabled=True).exists()


def test_c1_upload_does_not_join_a_model_of_others_with_the_same_name(theirs, api, rival, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path

    made = Client.post(api("operator"), "/api/models", {"file": upload(f"{WORD}.gcode"), "name": WORD}).json()

    assert Model3D.objects.get().pk != theirs["model"].pk
    assert str(Model3D.objects.get().pk) == made["id"]
    with tenant_context(rival):
        assert Revision.objects.get().model == theirs["model"]


def test_c1_what_is_uploaded_and_queued_belongs_to_its_organisation(acme, rival, api, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    Client.post(api("operator"), "/api/models", {"file": upload()})
    api("operator").post("/api/jobs", {"model_id": str(make_model().pk)})

    with tenant_context(rival):
        assert not Model3D.objects.exists()
        assert not Job.objects.exists()
    assert (Model3D.objects.count(), Job.objects.count()) == (2, 1)


def test_c1_live_updates_are_told_to_the_own_organisation_alone(theirs, acme, rival, sign_in):
    live.touch(rival.pk, [theirs["printer"].pk])
    path = "printers/live/?version=0"

    assert WORD in sign_in("viewer", "rival").get(f"/o/rival/{path}").text
    assert WORD not in sign_in("viewer").get(f"/o/acme/{path}").text
    assert live.version_of(acme.pk) == 0


def test_c1_duplicate_is_told_within_the_organisation_alone(acme, rival, api, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    Client.post(api("operator", "rival"), "/api/models", {"file": upload()})

    first = Client.post(api("operator"), "/api/models", {"file": upload()}).json()
    second = Client.post(api("operator"), "/api/models", {"file": upload()}).json()

    assert first["duplicate_of"] is None
    assert second["duplicate_of"] is not None


def test_c1_organisation_is_in_the_address_and_outlives_a_reload(rival, sign_in, person):
    Membership.objects.create(user=person("viewer"), org=rival, role=10)
    client = sign_in("viewer")
    client.get("/o/acme/")

    assert client.get("/o/rival/").context["request"].org == rival
    assert client.get("/")["Location"] == "/o/rival/"


# What the tests of an app prove already, by what was wrong in the original.
ELSEWHERE = {
    "B1 a lost second step locks out for good": "orgs/test_mfa_policy.py test_reset_from_the_command_line",
    "B2 scopes are enforced on some routes only": """
        test_permissions.py test_operations_ask_for_their_scope_and_no_other
    """,
    "B2 each use of a token writes": "orgs/test_tokens.py test_use_is_noted_at_most_once_a_minute",
    "B4 a cancelled job is never given back": """
        jobs/test_quotas_settling.py test_a_job_cancelled_before_it_prints_gives_all_back
    """,
    "B4 two at once pass a quota for one": """
        jobs/test_quotas_at_once.py test_of_ten_people_at_one_quota_exactly_as_many_pass_as_fit
    """,
    "B4 printing again goes round the quota": "jobs/test_quotas.py test_printing_again_is_enforced",
    "B6 everybody's costs are shown": "reports/test_figures.py test_own_costs_are_of_ones_own_jobs_alone",
    "B7 behind a proxy everybody is the proxy": """
        orgs/test_access.py test_forged_header_opens_nothing_and_a_proxy_of_ours_does
    """,
    "B7 a lock-out has no way back": "orgs/test_access.py test_way_back_in_from_the_command_line",
    "C1 routes that answer without any sign-in": """
        test_permissions.py test_pages_of_an_organisation_are_for_their_role_and_above
        test_permissions.py test_operations_know_living_tokens_only
    """,
    "C1 nobody notes that the platform looked in": """
        orgs/test_middleware.py test_visit_of_a_superadmin_is_one_line_a_session
    """,
}


@pytest.mark.parametrize("leak", ELSEWHERE)
def test_what_is_proven_elsewhere_is_there(leak):
    words = ELSEWHERE[leak].split()
    for path, name in zip(words[::2], words[1::2], strict=True):
        assert f"def {name}(" in (ROOT / "tests" / path).read_text()
