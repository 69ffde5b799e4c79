"""What stands on the labels of spools."""

from collections.abc import Callable, Iterable

from inventory.codes import short_code
from inventory.models import Spool
from orgs.current import current_org

from .drawing import Face


def faces_of(spools: Iterable[Spool], url_of: Callable[[Spool], str]) -> list[Face]:
    """`spools` must have fetched their filament; `url_of` is the whole address behind the code."""
    return [_face(spool, url_of(spool)) for spool in spools]


def _face(spool: Spool, url: str) -> Face:
    filament = spool.filament
    return Face(
        number=f"#{spool.number}",
        url=url,
        title=filament.material,
        color=filament.color,
        lines=(
            filament.color_name or filament.color,
            " ".join(filter(None, (filament.brand, filament.name))),
            current_org().name,
        ),
        code=short_code(spool),
    )
