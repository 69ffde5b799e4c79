"""From an uploaded file to a paid-for print by the REST API alone, on printers of every protocol."""

import os
import signal
from pathlib import Path

import pytest

from tests.running import Running, eventually

from .conftest import Walk

KINDS = ["Voron", "Mini", "Centauri", "Marlin", "MK4"]


@pytest.fixture(params=KINDS)
def walk(request: pytest.FixtureRequest, demo_server: Running, tmp_path: Path) -> Walk:
    """An uploaded file that was read and the printer it is for, over each protocol."""
    return begun(Walk(demo_server, tmp_path, request.param))


@pytest.fixture(params=KINDS)
def long_walk(request: pytest.FixtureRequest, demo_server: Running, tmp_path: Path) -> Walk:
    """The same with a print of half a minute here: it is not over before a killed worker is back."""
    return begun(Walk(demo_server, tmp_path, request.param, minutes=30))


def begun(walk: Walk) -> Walk:
    walk.upload()
    walk.choose_printer()
    return walk


def test_file_becomes_a_paid_for_print(walk: Walk):
    facts = walk.model["current_revision"]["metadata"]
    assert (facts["print_s"], facts["filaments"][0]["material"]) == (360, "PLA")

    walk.order()
    walk.until("printing")
    walk.finish_soon()
    job = walk.until("completed")

    assert [one["state"] for one in job["history"]] == ["queued", "sending", "printing", "completed"]
    assert job["printer_id"] == walk.printer["id"]
    assert job["copies_done"] == 1
    assert float(job["cost"]) > 0
    assert job["actual_s"] is not None
    assert len(walk.starts) == 1
    lines = walk.demo.api("admin").all("/audit", target_id=job["id"])
    assert {line["action"] for line in lines} == {"job.submit"}


def test_print_takes_its_grams_off_one_spool_once(walk: Walk):
    walk.order()
    walk.until("printing")
    walk.finish_soon()
    job = walk.until("completed")

    used = [
        usage
        # All of them: the simulated operator puts an empty one on the shelf at once.
        for spool in walk.api.all("/spools")
        for usage in walk.api.all(f"/spools/{spool['id']}/usage")
        if usage["job_id"] == job["id"]
    ]
    assert len(used) == 1
    assert used[0]["grams"] == pytest.approx(job["grams"], abs=0.01)


def test_cancelled_print_stops_at_the_printer(walk: Walk):
    walk.order()
    walk.until("printing")

    answer = walk.api.post(f"/jobs/{walk.job['id']}/cancel")

    assert answer.status_code == 200, answer.text
    assert eventually(lambda: walk.look()["state"] == "cancelled")
    stem = walk.path.name.split(".")[0]
    eventually(
        lambda: stem not in walk.machine["file"] or walk.machine["phase"] not in {"printing", "preparing"}
    )
    assert len(walk.starts) == 1


@pytest.mark.timeout(420)
def test_worker_killed_on_the_way_starts_nothing_twice(long_walk: Walk):
    """A start cut off before its answer is never sent again by itself: a person says what they see."""
    walk = long_walk
    walk.order()
    walk.until("sending", "printing")

    os.kill(walk.demo.program("odin_site.worker"), signal.SIGKILL)
    eventually(lambda: walk.look()["state"] == "printing" or says_what_it_sees(walk), within_s=240, every_s=1)
    walk.until("printing")
    walk.finish_soon()

    walk.until("completed")
    assert len(walk.starts) == 1


def says_what_it_sees(walk: Walk) -> bool:
    """Answer "it does not print" once the farm asks and that is so; False while it does not ask."""
    if walk.job["state"] != "sending" or walk.starts:
        return False
    answer = walk.api.post(f"/jobs/{walk.job['id']}/resolve-start", json={"printing": False})
    assert answer.status_code in {200, 409}, answer.text
    return answer.status_code == 200
