"""What `benchmarks.deliveries` needs Django for: people to tell, a worker that tells them, a look at both."""

import argparse
import http.client
import json
import os
import time
from collections import Counter
from datetime import timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "odin_site.settings")
django.setup()

from django.utils import timezone  # noqa: E402
from django_tenants.utils import tenant_context  # noqa: E402

from accounts.models import User  # noqa: E402
from alerts import tasks  # noqa: E402
from alerts.channels import ADAPTERS  # noqa: E402
from alerts.channels.adapter import Adapter, Address, Message, NotSent  # noqa: E402
from alerts.kinds import Channel, Kind  # noqa: E402
from alerts.models import Delivery, Parcel  # noqa: E402
from alerts.raising import raise_alert  # noqa: E402
from orgs.creating import create_org  # noqa: E402
from orgs.models import Membership, Org  # noqa: E402
from orgs.roles import Role  # noqa: E402


class Loopback(Adapter):
    """Posts each message to the server that counts them."""

    def __init__(self, port: int) -> None:
        self.port = port

    def send(self, to: Address, message: Message) -> str:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            body = json.dumps({"to": to.address, "lines": [line.title for line in message.lines]})
            connection.request("POST", "/", body, {"Idempotency-Key": message.id})
            return str(connection.getresponse().status)
        except OSError as error:
            raise NotSent(str(error)) from error
        finally:
            connection.close()


def make(count: int) -> dict[str, object]:
    org = create_org("Measured", slug="measured", time_zone="Europe/Berlin")
    people = [User(email=f"person{at}@measured.test", name=f"Person {at}") for at in range(count)]
    User.objects.bulk_create(people, batch_size=2000)
    Membership.objects.bulk_create(
        (Membership(user=one, org=org, role=Role.OPERATOR) for one in people), batch_size=2000
    )
    with tenant_context(org):
        began = time.perf_counter()
        raise_alert(Kind.OFFLINE, "offline:1", "Marlin 3 is offline")
        took = time.perf_counter() - began
        mails = Delivery.objects.filter(channel=Channel.EMAIL)
        mails.update(state=Delivery.State.HELD, not_before=timezone.now() - timedelta(seconds=1))
        return {"raise_s": round(took, 2), "deliveries": mails.count(), "schema": org.schema_name}


def work(port: int) -> None:
    """As a worker does, until it is killed."""
    ADAPTERS[Channel.EMAIL] = Loopback(port)
    schema = Org.objects.get(slug="measured").schema_name
    while True:
        tasks.send(schema)
        time.sleep(0.1)


def look() -> dict[str, object]:
    with tenant_context(Org.objects.get(slug="measured")):
        return {
            "parcels": Counter(Parcel.objects.values_list("state", flat=True)),
            "deliveries": Counter(Delivery.objects.filter(channel="email").values_list("state", flat=True)),
        }


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.deliveries_farm", description=__doc__)
    parser.add_argument("what", choices=["make", "work", "look"])
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--port", type=int, default=0)
    wishes = parser.parse_args()
    if wishes.what == "work":
        work(wishes.port)
    print(json.dumps(make(wishes.count) if wishes.what == "make" else look()))


if __name__ == "__main__":
    main()
