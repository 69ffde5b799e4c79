"""What each API list and page costs on a large farm: a table, beside what the original took."""

import argparse
import json
import os
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

from .asking import Cost, Refused, Request, cost_of
from .server import farm, servers, talking, web
from .signing_in import health_while_signing_in


@dataclass(frozen=True)
class Row:
    """A request by name. `theirs_ms` is the original's CPU for the same, `aim_ms` ours."""

    name: str
    path: str
    theirs_ms: float | None = None
    aim_ms: float | None = None
    body: str | None = None
    is_page: bool = False


def rows(way_in: dict[str, str]) -> list[Row]:
    """Theirs: the request that their page of the same purpose makes, or that carries a token."""
    order = json.dumps({"model_id": way_in["model"], "copies": 1, "priority": "normal"})
    home = f"/o/{way_in['slug']}"
    return [
        Row("token's request (me)", "/api/me", 316, 5),
        Row("printers, 400 with slots", "/api/printers?limit=400", 1182, 60),
        Row("printers, 50", "/api/printers", None, 15),
        Row("jobs, 100", "/api/jobs?limit=100", 143, 15),
        Row("jobs, 500", "/api/jobs?limit=500", 578),
        Row("jobs, 100 from 9,000", "/api/jobs?limit=100&offset=9000", 188),
        Row("job", f"/api/jobs/{way_in['job']}", 10.8),
        Row("job, created", "/api/jobs", 23.4, 12, body=order),
        Row("spools, 2,000", "/api/spools?limit=2000", 420, 50),
        Row("spools, 50", "/api/spools", None, 10),
        Row("models, 1,000", "/api/models?limit=1000", 111, 40),
        Row("models, 50", "/api/models", None, 10),
        Row("audit, 50", "/api/audit?limit=50", 41.7, 10),
        Row("audit, 50 from 19,000", "/api/audit?limit=50&offset=19000", 75),
        Row("dashboard", f"{home}/", 2129, 25, is_page=True),
        Row("printers, cards", f"{home}/printers/?view=cards", 1182, is_page=True),
        Row("printers, table", f"{home}/printers/?view=table", 1182, is_page=True),
        Row("queue", f"{home}/queue/", 143, is_page=True),
        Row("models", f"{home}/models/", 1007, is_page=True),
        Row("filament", f"{home}/filament/", 420, is_page=True),
        Row("alerts", f"{home}/alerts/", is_page=True),
        Row("audit", f"{home}/audit/", 41.7, 10, is_page=True),
    ]


def line(row: Row, one: Cost, eight: Cost) -> str:
    ratio = f"{row.theirs_ms / one.web_ms:,.1f}×" if row.theirs_ms else ""
    theirs = f"{row.theirs_ms:,g}" if row.theirs_ms else ""
    aim = f"{row.aim_ms:g}{'' if one.web_ms <= row.aim_ms else ' missed'}" if row.aim_ms else ""
    cells = (
        "page" if row.is_page else "API", row.name, f"{one.size:,}", f"**{one.web_ms:.1f}**",
        f"{one.data_ms:.1f}",
        aim, theirs, ratio, f"{one.p50_ms:.1f}", f"{one.p95_ms:.1f}", f"{eight.per_s:.0f}",
    )  # fmt: skip
    return f"| {' | '.join(cells)} |"


HEAD = (
    "| | request | bytes | web CPU ms | database CPU ms | aim | original CPU ms | ratio | p50 ms | p95 ms "
    "| req/s, 8 clients |\n"
    "|---|---|---|---|---|---|---|---|---|---|---|"
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, help="keep the servers and their data here, for the next time")
    parser.add_argument("--only", default="", help="a part of the rows' names, or healthz")
    parser.add_argument("--count", type=int, default=100)
    wishes = parser.parse_args()
    with servers(wishes.home) as run:
        farm("fill")
        way_in = json.loads((run.place.home / "bench.json").read_text())
        data = [child.pid for child in (run.postgres.child, run.valkey.child) if child]
        print(f"{date.today()}, {os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f}\n\n{HEAD}")  # noqa: DTZ011
        with web(run.place) as process, talking(changing=0):
            for row in rows(way_in):
                if wishes.only not in row.name:
                    continue
                ask = partial(cost_of, run.place.port, _request(row, way_in), count=wishes.count, web=process)
                try:
                    print(line(row, ask(clients=1, data=data), ask(clients=8, data=data)), flush=True)
                except Refused as reason:
                    print(f"| | {row.name} | {reason}", flush=True)
            if wishes.only in "healthz":
                print(f"\n{health_while_signing_in(run.place.port, way_in['password'])}")
        print(f"\nLoad average at the end: {os.getloadavg()[0]:.1f}")


def _request(row: Row, way_in: dict[str, str]) -> Request:
    """A browser takes answers compressed; the original, measured as a script, sent them as they are."""
    if row.is_page:
        return Request(row.path, {"Cookie": f"sessionid={way_in['session']}", "Accept-Encoding": "gzip"})
    headers = {"Authorization": f"Bearer {way_in['token']}", "Accept-Encoding": "identity"}
    return Request(row.path, headers | ({"Content-Type": "application/json"} if row.body else {}), row.body)


if __name__ == "__main__":
    main()
