"""What a print costs."""

from decimal import Decimal as D

import pytest

from jobs.costing import rounded, share_used
from jobs.states import PRINT_MOVES, JobState, PrintState, state_of


@pytest.mark.parametrize(("amount", "shown"), [("0.005", "0.01"), ("0.0049", "0.00"), ("2.675", "2.68")])
def test_cents_are_rounded_half_up(amount, shown):
    assert rounded(D(amount), "EUR") == D(shown)


@pytest.mark.parametrize(
    ("progress", "completed", "grams"),
    [
        (0.5, False, "6.25"),
        (None, False, "0.00"),
        (1.7, False, "12.50"),
        (-1, False, "0.00"),
        (0.2, True, "12.50"),
    ],
)
def test_what_was_cut_off_uses_its_share(progress, completed, grams):
    assert share_used(D("12.50"), progress, completed=completed) == D(grams)


P = PrintState


@pytest.mark.parametrize(
    ("prints", "state"),
    [
        ([P.WAITING, P.WAITING], JobState.QUEUED),
        ([P.COMPLETED, P.WAITING], JobState.QUEUED),
        ([P.PRINTING, P.PAUSED, P.WAITING], JobState.PRINTING),
        ([P.PAUSED, P.SENDING], JobState.PAUSED),
        ([P.SENDING, P.FAILED], JobState.SENDING),
        ([P.COMPLETED, P.FAILED], JobState.FAILED),
        ([P.COMPLETED, P.CANCELLED], JobState.CANCELLED),
        ([P.COMPLETED, P.COMPLETED], JobState.COMPLETED),
    ],
)
def test_a_jobs_state_follows_from_its_prints(prints, state):
    assert state_of(prints) is state


def test_what_is_over_never_moves_again():
    assert all(not PRINT_MOVES[state] for state in (P.COMPLETED, P.FAILED, P.CANCELLED))
