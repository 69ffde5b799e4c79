"""The measured organisation: filling it, letting its printers report; creating others. Needs Django."""

import argparse
import json
import time
from statistics import median

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.test import Client  # noqa: E402
from django_tenants.utils import get_public_schema_name, schema_context, tenant_context  # noqa: E402

from accounts.models import User  # noqa: E402
from benchmarks.statuses import tell  # noqa: E402
from benchmarks.volume import Volume, fill  # noqa: E402
from jobs.models import Job  # noqa: E402
from models3d.models import Model3D  # noqa: E402
from orgs import spares, tokens  # noqa: E402
from orgs.creating import add_member, create_org  # noqa: E402
from orgs.models import Org, SetUp  # noqa: E402
from orgs.roles import Role, scopes_of  # noqa: E402
from printers.models import Printer  # noqa: E402

SLUG, PASSWORD = "bench", "Correct7horse"
TELL_ALL_EVERY_S = 30


def make(share: float) -> None:
    """Make and fill the organisation, unless it is there; bench.json says how to get in."""
    said = settings.ODIN_HOME / "bench.json"
    if said.exists():
        return
    SetUp.objects.get_or_create(only=True)
    org = create_org("Bench", slug=SLUG, time_zone="Europe/Berlin")
    people = [User.objects.create_user(f"{at}@bench.test", PASSWORD, name=f"Person {at}") for at in range(8)]
    for at, person in enumerate(people):
        add_member(org, person, Role.ADMIN if at == 0 else Role.OPERATOR)
    fill(org, people, Volume().scaled(share))
    said.write_text(json.dumps(_way_in(org, people[0])))


def _way_in(org: Org, admin: User) -> dict[str, str]:
    browser = Client()
    browser.force_login(admin)
    with tenant_context(org):
        _, text = tokens.issue(admin, org, "bench", scopes_of(Role.ADMIN))
        job, model = Job.objects.order_by("number")[4], Model3D.objects.order_by("pk")[3]
    return {
        "slug": org.slug or "",
        "token": text,
        "session": browser.cookies["sessionid"].value,
        "job": str(job.pk),
        "model": str(model.pk),
        "password": PASSWORD,
    }


def keep_telling(changing: int) -> None:
    """Let `changing` printers report news each second, and all of them often enough to be believed."""
    org = Org.objects.get(slug=SLUG)
    with tenant_context(org):
        ids = list(Printer.objects.order_by("name").values_list("pk", flat=True))
    turn, told_all = 0, 0.0
    while True:
        begun = time.monotonic()
        if begun - told_all > TELL_ALL_EVERY_S and not changing:
            tell(org, ids)
            told_all = begun
        if changing:
            # Every printer's turn comes, and with it the proof that it still answers.
            tell(org, ids, turn, [(turn * changing + at) % len(ids) for at in range(changing)])
        turn += 1
        time.sleep(max(0.0, 1 - (time.monotonic() - begun)))


def time_creating(runs: int) -> dict[str, float]:
    """Seconds to create an organisation with a spare schema ready, and without."""
    return {
        "with": median(_creating(True) for _ in range(runs)),
        "without": median(_creating(False) for _ in range(runs)),
    }


def _creating(spare: bool) -> float:
    with schema_context(get_public_schema_name()):
        if spare:
            spares.keep()
        else:
            Org.objects.filter(state=Org.State.SPARE).update(state=Org.State.ARCHIVED)
        begun = time.perf_counter()
        create_org(f"New {time.time_ns()}")
        return time.perf_counter() - begun


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["fill", "tell", "create"])
    parser.add_argument("--share", type=float, default=1.0, help="of the volume")
    parser.add_argument("--changing", type=int, default=0, help="printers with news each second")
    parser.add_argument("--runs", type=int, default=5)
    wishes = parser.parse_args()
    if wishes.what == "fill":
        make(wishes.share)
    elif wishes.what == "tell":
        keep_telling(wishes.changing)
    else:
        print(json.dumps(time_creating(wishes.runs)))


if __name__ == "__main__":
    main()
