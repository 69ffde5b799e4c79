"""What roles are told unless a person chose otherwise: the organisation's own."""

import pytest
from django_tenants.utils import tenant_context

from alerts.kinds import Channel, Kind
from alerts.models import Preference, RoleDefault
from alerts.preferring import built_in, choose, chosen, set_usual, usual
from alerts.wanting import recipients
from audit.models import Entry
from orgs.roles import Role

PAGE = "/o/acme/alerts/defaults/"
DONE_BY_MAIL = (Kind.PRINT_DONE, Channel.EMAIL)


def channels_of(user, kind=Kind.PRINT_DONE):
    return next(one.channels for one in recipients(kind, []) if one.user == user.pk)


def test_changed_default_holds_for_its_role_alone(acme, person):
    set_usual(Role.OPERATOR, usual(Role.OPERATOR) | {DONE_BY_MAIL})

    assert Channel.EMAIL in channels_of(person("operator"))
    assert Channel.EMAIL not in channels_of(person("admin"))


def test_default_switched_off_tells_nobody_by_it_but_the_app_always_tells(acme, person):
    set_usual(Role.OPERATOR, set())

    assert channels_of(person("operator"), Kind.ERROR) == {Channel.APP}


def test_who_chose_keeps_the_choice_and_everybody_else_follows(acme, person):
    operator = person("operator")
    choose(operator.pk, Role.OPERATOR, usual(Role.OPERATOR) | {DONE_BY_MAIL})

    set_usual(Role.OPERATOR, {(Kind.OFFLINE, Channel.PUSH)})

    assert DONE_BY_MAIL in chosen(operator.pk, Role.OPERATOR)
    assert (Kind.OFFLINE, Channel.PUSH) in chosen(operator.pk, Role.OPERATOR)
    assert (Kind.ERROR, Channel.EMAIL) not in chosen(operator.pk, Role.OPERATOR)
    assert Preference.objects.count() == 1


def test_back_to_the_usual_leaves_no_row(acme, sign_in):
    client = sign_in("admin")
    client.post(f"{PAGE}?role=viewer", {"wanted": ["print.done email"]})
    assert RoleDefault.objects.exists()

    client.post(f"{PAGE}?role=viewer", {"usual": "1"})

    assert not RoleDefault.objects.exists()
    assert usual(Role.VIEWER) == built_in(Role.VIEWER)


def test_page_saves_what_is_ticked_and_the_audit_has_the_difference(acme, sign_in):
    ticked = [f"{kind} {channel}" for kind, channel in usual(Role.OPERATOR) - {(Kind.ERROR, Channel.PUSH)}]

    sign_in("admin").post(f"{PAGE}?role=operator", {"wanted": [*ticked, "print.done email", "no sense", "x"]})

    assert usual(Role.OPERATOR) == built_in(Role.OPERATOR) - {(Kind.ERROR, Channel.PUSH)} | {DONE_BY_MAIL}
    entry = Entry.objects.get(action="alert.defaults")
    assert entry.before == {"printer.error": ["push"]}
    assert entry.after == {"role": "operator", "print.done": ["email"]}


def test_saving_the_same_again_is_no_line_of_the_audit(acme, sign_in):
    same = [f"{kind} {channel}" for kind, channel in usual(Role.ADMIN)]

    sign_in("admin").post(f"{PAGE}?role=admin", {"wanted": same})

    assert not Entry.objects.filter(action="alert.defaults").exists()


@pytest.mark.parametrize("role", ["", "nobody", "viewer"])
def test_viewers_are_offered_what_may_be_about_their_jobs_only(acme, sign_in, role):
    text = sign_in("admin").get(f"{PAGE}?role={role}").text

    assert ("Printer offline" in text) == (role != "viewer")


def test_other_organisations_keep_theirs(acme, rival):
    set_usual(Role.OPERATOR, set())

    with tenant_context(rival):
        assert usual(Role.OPERATOR) == built_in(Role.OPERATOR)
