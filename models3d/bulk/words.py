"""What several actions say of a model."""

from django.utils.translation import gettext_lazy as _

from models3d.models import Model3D

NOT_IN_TRASH = _("It is in the trash. Restore it first.")
CHANGED = _("It was changed since.")


def not_in_trash(model: Model3D) -> bool:
    return model.shelf != Model3D.Shelf.TRASH
