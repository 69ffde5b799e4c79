"""From what is due to what is sent, dropped, tried again or given up."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from alerts import beginning, sending
from alerts.channels.adapter import NotSent
from alerts.kinds import Kind
from alerts.models import Alert, Delivery, Endpoint, Parcel, Preference, QuietHours
from alerts.raising import raise_alert, resolve
from alerts.reading import acknowledge
from alerts.retrying import LONGEST_WISH, MOST_ATTEMPTS, pause
from alerts.sending import Run, next_due
from orgs.models import Due, Membership
from orgs.roles import Role
from tests.factories.printers import make_printer

HOUR = timedelta(hours=1)


def offline(number=1, **more):
    return raise_alert(Kind.NEEDS_YOU, f"offline:{number}", f"Voron {number} is offline", **more)


def send():
    Run().go()


def hold(until=None):
    """As if quiet hours had held everything, until a moment ago."""
    at = until or timezone.now() - timedelta(seconds=1)
    Delivery.objects.exclude(channel="app").update(state="held", not_before=at)
    Alert.objects.update(at=timezone.now() - 8 * HOUR)


def come_again():
    """As if the pause before the next attempt were over."""
    Parcel.objects.filter(state="claimed").update(next_at=timezone.now() - HOUR)


def states():
    return list(Parcel.objects.order_by("address").values_list("state", flat=True))


def test_what_is_raised_is_due_at_once_and_sent_once(acme, post, django_capture_on_commit_callbacks):
    offline()
    assert Due.objects.filter(org=acme, task="alerts.send").count() == 0
    with django_capture_on_commit_callbacks(execute=True):
        offline(2)

    assert Due.objects.get(org=acme, task="alerts.send").due_at is not None
    send()
    send()

    assert post.addresses == ["admin@acme.test", "operator@acme.test"]
    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}
    assert next_due() is None


def test_a_raise_makes_its_task_due_in_its_own_transaction(acme):
    row = Due.objects.create(org=acme, task="alerts.send")

    offline()

    row.refresh_from_db()
    assert row.due_at is not None


def test_all_that_was_held_is_one_message_for_each_person_and_channel(acme, post, person):
    for number in range(3):
        offline(number)
    Endpoint.objects.create(channel="push", user=person("operator"), address="https://push.test/1")
    offline(9)
    hold()

    send()

    assert post.addresses == ["admin@acme.test", "https://push.test/1", "operator@acme.test"]
    mail = next(message for to, message in post.sent if to.address == "operator@acme.test")
    assert mail.subject == "4 alerts while it was quiet"
    assert mail.is_digest
    assert {line.title for line in mail.lines} == {f"Voron {number} is offline" for number in (0, 1, 2, 9)}
    assert len({message.id for message in post.messages}) == 3


def test_nothing_is_sent_before_its_time(acme, post):
    offline()
    until = timezone.now() + HOUR
    hold(until)

    send()

    assert post.sent == []
    assert next_due() == until


def test_a_day_without_quiet_hours_has_the_alert_itself_as_its_subject(acme, post):
    offline()

    send()

    assert {message.subject for message in post.messages} == {"Voron 1 is offline"}


def test_what_is_committed_after_its_window_was_sent_is_a_message_of_its_own(acme, post):
    end = timezone.now() - timedelta(seconds=5)
    offline(1)
    hold(end)
    send()

    offline(2)
    Delivery.objects.filter(state="pending").update(not_before=end, state="held")
    send()

    assert len(post.sent) == Parcel.objects.count() == 4
    assert len({message.id for message in post.messages}) == 4


def test_what_passed_while_it_was_held_is_told_as_over_and_last(acme, post, person):
    offline(1)
    offline(2)
    raise_alert(Kind.NEEDS_YOU, "needs:3", "Voron 3 needs you")
    resolve("offline:1")
    acknowledge(Alert.objects.filter(cause="offline:2"), person("admin").pk)
    hold()

    send()

    message = post.messages[0]
    assert message.subject == "3 alerts while it was quiet, 2 of them over"
    assert message.lines[0].title == "Voron 3 needs you"
    assert message.lines[0].detail == ""
    details = " ".join(line.detail for line in message.lines)
    assert "Over since" in details
    assert "Acknowledged by acme admin at" in details


def test_whose_membership_ended_while_it_was_held_is_not_told(acme, post, person):
    offline()
    Membership.objects.filter(user=person("operator")).delete()

    send()

    assert post.addresses == ["admin@acme.test"]
    assert set(states()) == {"sent", "dropped"}
    assert Delivery.objects.get(user=person("operator"), channel="email").state == "dropped"


def test_who_lost_the_role_is_not_told_what_came_with_it_but_what_names_them(acme, post, person):
    raise_alert(Kind.PRINT_FAILED, "failed:1", "Bracket failed", people=[person("operator").pk])
    raise_alert(Kind.PRINT_FAILED, "failed:2", "Vase failed")
    Membership.objects.filter(user=person("operator")).update(role=Role.VIEWER)

    send()

    mails = {to.address: message for to, message in post.sent}
    assert [line.title for line in mails["operator@acme.test"].lines] == ["Bracket failed"]
    assert len(mails["admin@acme.test"].lines) == 2


def test_who_chose_meanwhile_not_to_be_mailed_is_not(acme, post, person):
    offline()
    Preference.objects.create(user=person("operator"), kind=Kind.NEEDS_YOU, channel="email", is_wanted=False)

    send()

    assert post.addresses == ["admin@acme.test"]


def test_mail_goes_to_the_address_the_account_has_now(acme, post, person):
    offline()
    send_to = User.objects.filter(pk=person("operator").pk)
    post.before = failing_once(NotSent("Down"))
    send()
    send_to.update(email="new@acme.test")
    come_again()

    send()

    assert "new@acme.test" in post.addresses
    assert "operator@acme.test" not in post.addresses
    assert Parcel.objects.filter(address="new@acme.test").exists()


@pytest.mark.parametrize("change", ["disabled", "deleted", "kinds"])
def test_an_endpoint_that_is_gone_or_wants_no_more_is_not_told(acme, post, change):
    hook = Endpoint.objects.create(channel="webhook", address="https://hook.test/")
    offline()
    sending.take_due(timezone.now())
    match change:
        case "disabled":
            Endpoint.objects.update(is_enabled=False)
        case "deleted":
            hook.delete()
        case "kinds":
            Endpoint.objects.update(kinds=[Kind.PRINT_DONE])

    send()

    assert post.addresses == ["admin@acme.test", "operator@acme.test"]
    assert "dropped" in states()


def failing_once(failure, only=""):
    seen = set()

    def before(to, message):
        if message.id not in seen and only in to.address:
            seen.add(message.id)
            raise failure

    return before


def test_a_failure_is_tried_again_under_the_same_id(acme, post):
    offline()
    ids = set()
    post.before = failing_once(NotSent("The mail server does not answer."))
    send()
    assert states() == ["claimed", "claimed"]
    assert {one.error for one in Parcel.objects.all()} == {"The mail server does not answer."}
    assert next_due() > timezone.now() + timedelta(seconds=20)
    ids = {str(pk) for pk in Parcel.objects.values_list("pk", flat=True)}

    send()
    assert post.sent == []
    come_again()
    send()

    assert {message.id for message in post.messages} == ids
    assert set(states()) == {"sent"}
    assert set(Parcel.objects.values_list("attempts", "error")) == {(2, "")}


def test_what_the_other_side_asks_to_wait_is_waited(acme, post):
    offline()
    post.before = failing_once(NotSent("Later", retry_after_s=1800))

    send()

    assert next_due() > timezone.now() + timedelta(minutes=29)


def test_a_final_failure_is_not_tried_again_and_is_shown(acme, post, person):
    Endpoint.objects.create(channel="push", user=person("operator"), address="https://push.test/1")
    hook = Endpoint.objects.create(channel="webhook", address="https://hook.test/")
    offline()
    post.before = failing_once(NotSent("Gone", is_final=True), only="https")

    send()

    assert states() == ["sent", "failed", "failed", "sent"]
    assert set(Delivery.objects.exclude(endpoint=None).values_list("state", flat=True)) == {"failed"}
    assert Endpoint.objects.get(channel="push").is_enabled is False
    hook.refresh_from_db()
    assert (hook.is_enabled, hook.last_error) == (False, "Gone")
    assert hook.failing_since is not None


def test_an_endpoint_that_works_again_is_no_longer_failing(acme, post):
    Endpoint.objects.create(channel="webhook", address="https://hook.test/")
    offline()
    post.before = failing_once(NotSent("500"), only="hook")
    send()
    come_again()

    send()

    hook = Endpoint.objects.get()
    assert (hook.failing_since, hook.last_error) == (None, "")
    assert hook.last_sent_at is not None


def test_after_about_a_day_it_is_given_up(acme, post):
    offline()
    post.before = lambda to, message: (_ for _ in ()).throw(NotSent("Down"))
    send()
    Parcel.objects.update(attempts=MOST_ATTEMPTS - 1, next_at=timezone.now() - HOUR)

    send()

    assert set(states()) == {"failed"}
    assert next_due() is None
    waits = [pause(attempt) for attempt in range(1, MOST_ATTEMPTS)]
    assert timedelta(hours=20) < sum(waits, timedelta()) < timedelta(hours=30)
    assert pause(1, 1e300) == LONGEST_WISH


def test_an_adapter_that_breaks_holds_up_nobody(acme, post):
    offline()
    Endpoint.objects.create(channel="webhook", address="https://hook.test/")
    offline(2)

    def before(to, message):
        if "hook" in to.address:
            raise ValueError("a bug")

    post.before = before
    send()

    assert post.addresses == ["admin@acme.test", "operator@acme.test"]
    assert Parcel.objects.get(channel="webhook").state == "claimed"


def test_what_a_killed_sender_left_is_sent_again_under_the_same_id(acme, post):
    offline()
    sending.take_due(timezone.now())
    begun = beginning.begin([pk for pk, _ in beginning.due_parcels(9)])
    assert len(begun) == 2

    send()
    assert post.sent == []
    Parcel.objects.filter(state="handing").update(next_at=timezone.now() - HOUR)
    send()

    assert {message.id for message in post.messages} == {str(one.pk) for one in begun}
    assert set(Parcel.objects.values_list("state", "attempts")) == {("sent", 2)}


def test_what_is_not_begun_before_quiet_hours_waits_for_their_end(acme, post, person):
    offline()
    post.before = failing_once(NotSent("Down"))
    send()
    come_again()
    QuietHours.objects.create(user=person("operator"), start="00:00", end="00:00", critical_passes=False)

    send()

    assert post.addresses == ["admin@acme.test"]
    assert next_due() > timezone.now() + timedelta(seconds=60)


def test_what_fell_due_while_it_is_quiet_is_held_and_not_taken(acme, post, person):
    offline()
    QuietHours.objects.create(user=None, start="00:00", end="00:00")

    send()

    assert post.sent == []
    assert not Parcel.objects.exists()
    assert set(Delivery.objects.exclude(channel="app").values_list("state", flat=True)) == {"held"}


def test_names_that_break_lines_or_turn_the_text_stay_in_their_place(acme, post):
    raise_alert(Kind.NEEDS_YOU, "offline:1", "<b>V\r\nBcc: x@y.z\u2028\u202egnp.exe</b> 🖨️ מדפסת is offline")

    send()

    subject = post.messages[0].subject
    assert subject == "\u2068<b>V Bcc: x@y.z gnp.exe</b> 🖨️ מדפסת is offline\u2069"
    assert post.messages[0].lines[0].title == subject


def test_links_are_whole_and_lead_to_what_it_is_about(acme, post):
    printer = make_printer("Voron 1")
    offline(about=printer)

    send()

    message = post.messages[0]
    assert message.lines[0].url.endswith(f"/o/acme/printers/{printer.pk}/")
    assert message.lines[0].url.startswith("http")
    assert message.url.endswith("/o/acme/alerts/")
    assert (message.org_name, message.org_slug) == ("Acme", "acme")


def test_sending_asks_as_much_for_a_digest_of_a_hundred_as_for_one(acme, post, django_assert_max_num_queries):
    for number in range(100):
        offline(number)

    with django_assert_max_num_queries(45):
        send()

    assert len(post.sent) == 2
    assert len(post.messages[0].lines) == 50
    assert post.messages[0].lines[-1].title == "and 51 more"
