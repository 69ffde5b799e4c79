"""What a person is told by which channel: their role's usual, as they changed it."""

import pytest

from alerts.kinds import Channel, Kind
from alerts.models import Preference
from alerts.preferring import chosen, kinds_for, usual
from audit.models import Entry
from orgs.models import Membership
from orgs.roles import Role

PAGE = "/o/acme/alerts/preferences/"
OFFLINE_BY_PUSH, DONE_BY_MAIL = "printer.offline push", "print.done email"


@pytest.fixture
def save(acme, sign_in):
    def send(role, *pairs, **more):
        return sign_in(role).post(PAGE, {"wanted": list(pairs), **more})

    return send


def sent(choices):
    return [f"{kind} {channel}" for kind, channel in choices]


def test_who_changed_nothing_is_told_as_is_usual_for_the_role(acme, person):
    assert chosen(person("operator").pk, Role.OPERATOR) == usual(Role.OPERATOR)
    assert not Preference.objects.exists()


def test_only_what_differs_from_the_usual_is_kept(acme, person, save):
    one_less = sorted(usual(Role.OPERATOR))[0]
    save("operator", *sent(usual(Role.OPERATOR) - {one_less}), DONE_BY_MAIL)

    kept = set(Preference.objects.values_list("kind", "channel", "is_wanted"))
    assert kept == {(*one_less, False), ("print.done", "email", True)}
    assert chosen(person("operator").pk, Role.OPERATOR) == (
        usual(Role.OPERATOR) - {one_less} | {(Kind.PRINT_DONE, Channel.EMAIL)}
    )


def test_back_to_the_usual_forgets_what_was_chosen(acme, save):
    save("operator", DONE_BY_MAIL)

    save("operator", usual="1")

    assert not Preference.objects.exists()


def test_a_repeat_changes_nothing_and_is_recorded_once(acme, save):
    for _ in range(2):
        save("operator", DONE_BY_MAIL)

    assert Entry.objects.filter(action="alert.prefer").count() == 1


def test_a_viewer_chooses_only_among_what_can_be_about_their_own_jobs(acme, sign_in, save):
    assert Kind.OFFLINE not in kinds_for(Role.VIEWER)

    save("viewer", OFFLINE_BY_PUSH, "nonsense", "print.done pigeon", DONE_BY_MAIL)

    assert set(Preference.objects.filter(is_wanted=True).values_list("kind", "channel")) == {
        ("print.done", "email")
    }
    assert "printer.offline" not in sign_in("viewer").get(PAGE).text


def test_what_i_choose_changes_nothing_for_others(acme, person, save):
    save("operator", DONE_BY_MAIL)

    assert chosen(person("admin").pk, Role.ADMIN) == usual(Role.ADMIN)


def test_a_new_role_keeps_what_was_chosen_and_takes_on_its_usual(acme, person, save):
    save("viewer", *sent(usual(Role.VIEWER)), DONE_BY_MAIL)
    Membership.objects.filter(user=person("viewer")).update(role=Role.OPERATOR)

    now = chosen(person("viewer").pk, Role.OPERATOR)

    assert now == usual(Role.OPERATOR) | {(Kind.PRINT_DONE, Channel.EMAIL)}


def test_the_page_shows_what_holds(acme, sign_in, save):
    save("operator", DONE_BY_MAIL)

    told = sign_in("operator").get(PAGE).text

    assert f'value="{DONE_BY_MAIL}" checked' in told
    assert f'value="{OFFLINE_BY_PUSH}">' in told
