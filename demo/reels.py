"""The reels that past prints came from: one after the other on each printer, the last still loaded."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from inventory.models import Filament, Spool
from printers.models import Printer, Slot

NEW_G = Decimal(1000)
# What is left on a reel when it is changed is too little for the next print.
CHANGED_BELOW_G = Decimal(60)


class Reels:
    """Hands out the reel of a print's time, and writes them all at the end."""

    def __init__(
        self, filament: Filament, printers: Sequence[Printer], first: datetime, rng: random.Random
    ) -> None:
        self.filament, self.rng = filament, rng
        self.all: list[Spool] = []
        self.now = {printer.pk: self._new(first) for printer in printers}

    def take(self, printer: Printer, grams: Decimal, at: datetime) -> Spool:
        """The spool that `grams` came from, changed first if too little was on it."""
        reel = self.now[printer.pk]
        if reel.left_g - grams < CHANGED_BELOW_G:
            reel.archived_at = at
            reel = self.now[printer.pk] = self._new(at - timedelta(minutes=self.rng.randrange(2, 30)))
        reel.used_g += grams
        return reel

    def write(self) -> None:
        """Store every reel, the newest of each printer in its first slot."""
        slots = {slot.printer_id: slot for slot in Slot.objects.filter(index=0, printer__in=self.now)}
        for printer_id, reel in self.now.items():
            reel.slot = slots[printer_id]
        Spool.objects.bulk_create(self.all)

    def _new(self, at: datetime) -> Spool:
        reel = Spool(
            filament=self.filament,
            initial_g=NEW_G,
            cost=self.filament.price_per_kg,
            lot=f"L{self.rng.randrange(1000, 9999)}",
            opened_at=at,
        )
        self.all.append(reel)
        return reel
