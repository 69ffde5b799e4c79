"""The way back in for who is shut out by a list of networks."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django_tenants.utils import tenant_context

from orgs.access import allow_all
from orgs.models import Org


class Command(BaseCommand):
    help = "Empties the list of networks of the whole server, or of one organisation."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--org", metavar="SLUG", help="of this organisation alone, as in /o/SLUG/")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["org"]:
            allow_all(None)
            self.stdout.write("The server is reached from every network again.")
            return
        org = Org.objects.filter(slug=options["org"]).first()
        if org is None:
            raise CommandError(f"There is no organisation at /o/{options['org']}/.")
        with tenant_context(org):
            allow_all(org)
        self.stdout.write(f"{org} is reached from every network again.")
