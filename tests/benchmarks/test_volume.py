"""The data that benchmarks measure on."""

from benchmarks.reporting import write_a_year
from benchmarks.volume import Volume, fill
from inventory.models import Spool
from jobs.models import Job, Print
from models3d.models import Model3D
from orgs.models import Membership, Org
from printers.models import Printer
from reports.fleet import gather


def test_a_hundredth_of_the_volume_is_a_working_farm(acme: Org, api) -> None:
    people = [membership.user for membership in Membership.objects.filter(org=acme).select_related("user")]

    fill(acme, people, Volume().scaled(0.01))

    assert [model.objects.count() for model in (Printer, Spool, Model3D, Job)] == [4, 20, 10, 100]
    assert {one.is_fresh for one in gather(Printer.objects.all())} == {True}
    assert Print.objects.filter(state="printing").count() == 2
    for path in ("printers", "jobs", "models", "audit"):
        assert api("admin").get(f"/api/{path}").json()["count"] > 0


def test_a_year_of_jobs_can_be_reported_on(acme: Org, sign_in) -> None:
    people = [membership.user for membership in Membership.objects.filter(org=acme).select_related("user")]

    write_a_year(acme, people, 500)

    page = sign_in("admin").get("/o/acme/reports/failure_analysis/?period=365d")
    assert page.status_code == 200
    assert Print.objects.filter(state="failed").count() == 25
