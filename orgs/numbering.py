"""Short numbers for people, counted per organisation by a sequence in its schema."""

from typing import Any

from django.db.models import Func, IntegerField
from django.utils.deconstruct import deconstructible


@deconstructible(path="orgs.numbering.NextNumber")
class NextNumber(Func):
    """The next number of `sequence`; for a field's db_default. The migration makes the sequence first."""

    output_field = IntegerField()

    def __init__(self, sequence: str) -> None:
        self.sequence = sequence
        super().__init__()

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **extra: Any) -> tuple[str, list[str | int]]:
        return f"nextval('{self.sequence}')", []
