"""The way back in for who lost the second step and whom nobody else can help, such as the only superadmin."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import factors
from accounts.models import User


class Command(BaseCommand):
    help = "Takes the second step off an account: app, passkeys and recovery codes; its sessions end."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(email__iexact=options["email"]).first()
        if user is None:
            raise CommandError(f"There is no account with {options['email']}.")
        factors.reset(user)
        self.stdout.write(f"{user.email} now signs in with the password alone.")
