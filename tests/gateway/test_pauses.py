import pytest

from gateway.pauses import REFUSED_S, Pause
from printers.drivers.driver import Trouble


def after(failures: int, trouble: Trouble = Trouble.UNREACHABLE) -> Pause:
    pause = Pause("")
    for _ in range(failures):
        pause = pause.after(trouble, "here", 0.0, lambda: 0.5)
    return pause


@pytest.mark.parametrize(("failures", "seconds"), [(1, 1), (2, 2), (3, 4), (4, 8), (5, 15), (6, 30), (9, 30)])
def test_each_failure_waits_longer_up_to_half_a_minute(failures, seconds):
    assert after(failures).until == seconds


@pytest.mark.parametrize(("failures", "offline"), [(1, False), (2, False), (3, True)])
def test_a_printer_is_offline_after_three_failures(failures, offline):
    assert after(failures).is_offline is offline


@pytest.mark.parametrize("trouble", [Trouble.CREDENTIALS, Trouble.CERTIFICATE, Trouble.WRONG_SERIAL])
def test_what_only_a_person_mends_is_not_tried_again_for_ten_minutes(trouble):
    pause = after(1, trouble)

    assert pause.is_offline
    assert pause.holds("here", REFUSED_S - 1)
    assert not pause.holds("here", REFUSED_S)


def test_other_settings_are_tried_at_once_and_counted_anew():
    pause = after(5)

    assert not pause.holds("there", 0.1)
    assert pause.after(Trouble.UNREACHABLE, "there", 0.0, lambda: 0.5).failures == 1


def test_waits_differ_by_a_fifth_so_that_printers_are_not_tried_in_step():
    waits = {
        Pause("").after(Trouble.UNREACHABLE, "here", 0.0, lambda share=share: share).until for share in (0, 1)
    }

    assert sorted(waits) == pytest.approx([0.8, 1.2])
