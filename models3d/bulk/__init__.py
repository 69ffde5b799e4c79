"""What can be done to many models at once."""

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import ngettext

from bulk.actions import Kind
from models3d.models import Model3D, Revision
from models3d.rights import visible, why_not_theirs
from models3d.shelving import CannotShelve
from orgs.models import Membership

from .shelves import ARCHIVE, DELETE, PURGE, RESTORE
from .sorting import ADD_TAG, MOVE, REMOVE_TAG

ACTIONS = {
    "add_tag": ADD_TAG,
    "remove_tag": REMOVE_TAG,
    "move": MOVE,
    "archive": ARCHIVE,
    "restore": RESTORE,
    "delete": DELETE,
    "purge": PURGE,
}


def with_jobs(models: "QuerySet[Model3D]") -> "QuerySet[Model3D]":
    """`models` with what the actions ask of their jobs: `has_jobs`, and `has_open_jobs`."""
    printed = Revision.objects.filter(model=OuterRef("pk"), jobs__isnull=False)
    return models.annotate(
        has_jobs=Exists(printed), has_open_jobs=Exists(printed.filter(jobs__ended_at=None))
    )


def rows_for(membership: Membership) -> "QuerySet[Model3D]":
    models = Model3D.objects.filter(visible(membership))
    return with_jobs(models.select_related("collection").prefetch_related("tags"))


def counted(number: int) -> str:
    return ngettext("%(number)d model", "%(number)d models", number) % {"number": number}


MODELS = Kind(
    model=Model3D,
    view="model.view",
    place="models:list",
    counted=counted,
    rows=rows_for,
    actions=ACTIONS,
    why_not_theirs=why_not_theirs,
    refusals=(CannotShelve,),
)
KINDS = {"model3d": MODELS}
