"""The shapes of beds."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class BedForm(models.TextChoices):
    """A bed's shape and where its zero is."""

    CORNER = "corner", _("rectangular, zero at the front left")
    CENTRE = "centre", _("rectangular, zero in the middle")
    ROUND = "round", _("round, zero in the middle")
