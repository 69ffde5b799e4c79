"""Who is told by which channels: defaults of the roles, what people chose, and what is cheap."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from alerts.kinds import Channel, Kind, Severity
from alerts.models import Alert, Delivery, Endpoint, Preference, QuietHours
from alerts.raising import raise_alert
from alerts.wanting import wanted
from orgs.creating import add_member
from orgs.models import Membership
from orgs.roles import Role


def offline(number=1, **more):
    return raise_alert(Kind.OFFLINE, f"offline:{number}", f"Voron {number} is offline", **more)


def told(alert):
    rows = alert.deliveries.values_list("user__email", "channel")
    return {(email.partition("@")[0] if email else None, channel) for email, channel in rows}


@pytest.mark.parametrize("kind", Kind)
def test_everybody_is_told_in_the_app_and_operators_never_less_than_viewers(kind):
    for role in Role:
        assert Channel.APP in wanted(kind, role)
    assert wanted(kind, Role.VIEWER) <= wanted(kind, Role.OPERATOR) <= wanted(kind, Role.ADMIN)


def test_a_print_that_is_done_is_told_in_the_app_only(acme, person):
    alert = raise_alert(Kind.PRINT_DONE, "done:1", "Bracket is printed", people=[person("viewer").pk])

    assert told(alert) == {("viewer", "app"), ("operator", "app"), ("admin", "app")}


def test_a_viewer_is_mailed_decisions_and_failures_of_their_own_jobs_only(acme, person):
    named = {"people": [person("viewer").pk]}
    raised = [
        raise_alert(kind, kind, "Bracket", **named)
        for kind in (Kind.JOB_REJECTED, Kind.PRINT_FAILED, Kind.MAINTENANCE_DUE, Kind.NEEDS_YOU)
    ]

    mailed = [("viewer", "email") in told(alert) for alert in raised]

    assert mailed == [True, True, False, False]


def test_who_runs_the_farm_is_mailed_what_needs_a_hand(acme):
    assert {("operator", "email"), ("admin", "email")} <= told(offline())


def test_jobs_to_approve_and_failed_reports_are_mailed_to_who_sees_to_them():
    mailed = {Channel.APP, Channel.EMAIL}

    assert wanted(Kind.JOB_SUBMITTED, Role.OPERATOR) == mailed
    assert wanted(Kind.REPORT_FAILED, Role.ADMIN) == mailed
    assert (
        wanted(Kind.REPORT_FAILED, Role.OPERATOR) == wanted(Kind.JOB_SUBMITTED, Role.VIEWER) == {Channel.APP}
    )


def test_what_a_person_chose_holds_instead_of_the_default(acme, person):
    Preference.objects.create(user=person("operator"), kind=Kind.OFFLINE, channel="email", is_wanted=False)
    Preference.objects.create(user=person("admin"), kind=Kind.PRINT_DONE, channel="email", is_wanted=True)

    done = raise_alert(Kind.PRINT_DONE, "done:1", "Bracket is printed")

    assert told(offline()) == {("operator", "app"), ("admin", "app"), ("admin", "email")}
    assert told(done) == {("operator", "app"), ("admin", "app"), ("admin", "email")}


def test_push_and_chat_go_to_the_persons_own_enabled_endpoints(acme, person):
    operator = person("operator")
    for address, enabled in (("https://push.test/1", True), ("https://push.test/2", False)):
        Endpoint.objects.create(channel="push", user=operator, address=address, is_enabled=enabled)
    Endpoint.objects.create(channel="chat", user=person("viewer"), address="tgram://x")

    rows = offline().deliveries.exclude(endpoint=None)

    assert [(row.channel, row.user, row.endpoint.address) for row in rows] == [
        ("push", operator, "https://push.test/1")
    ]


def test_endpoints_of_the_organisation_are_told_their_kinds_from_their_severity_on(acme):
    def hook(name, **more):
        return Endpoint.objects.create(channel="webhook", address=f"https://{name}.test/", name=name, **more)

    for one in (
        hook("all"), hook("offline", kinds=[Kind.OFFLINE]), hook("done", kinds=[Kind.PRINT_DONE]),
        hook("grave", least_severity=Severity.CRITICAL), hook("off", is_enabled=False),
    ):  # fmt: skip
        assert one.pk

    rows = offline().deliveries.filter(user=None)

    assert {row.endpoint.name for row in rows} == {"all", "offline"}


def test_who_has_left_or_is_switched_off_is_not_told(acme, person):
    gone = person("operator")
    Membership.objects.filter(user=gone).delete()
    User.objects.filter(pk=person("admin").pk).update(is_active=False)

    alert = offline(people=[gone.pk])

    assert told(alert) == set()


def test_in_quiet_hours_all_but_the_app_is_held_until_their_end(acme, person):
    QuietHours.objects.create(user=person("operator"), start="00:00", end="00:00", critical_passes=False)

    alert = offline()

    rows = {(row.user, row.channel): row for row in alert.deliveries.all()}
    own, others = rows[person("operator"), "email"], rows[person("admin"), "email"]
    assert (own.state, others.state) == ("held", "pending")
    assert own.not_before > others.not_before
    assert rows[person("operator"), "app"].state == "sent"


def test_a_raise_asks_as_much_for_fifty_people_as_for_two(acme):
    offline("the first")
    counts = []
    for wanted_number in (0, 48):
        for number in range(wanted_number):
            one = User.objects.create_user(f"o{number}@acme.test", name=f"O {number}")
            add_member(acme, one, Role.OPERATOR)
            Endpoint.objects.create(channel="push", user=one, address=f"https://push.test/{number}")
            QuietHours.objects.create(user=one, start="00:00", end="23:00")
        with CaptureQueriesContext(connection) as asked:
            offline(wanted_number)
        counts.append(len(asked))

    assert counts[0] == counts[1] <= 16
    assert Delivery.objects.filter(channel="push").count() == 48


def test_a_flapping_printer_is_one_alert_and_one_delivery_each_at_two_queries_a_time(acme):
    offline()
    with CaptureQueriesContext(connection) as asked:
        offline()
    for _ in range(998):
        offline()

    assert len([query for query in asked if "SAVEPOINT" not in query["sql"]]) <= 3
    assert Alert.objects.get().count == 1000
    assert Delivery.objects.count() == 4
