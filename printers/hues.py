"""The colours of tags: a small palette whose values, light and dark, are in static/css/tokens.css."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Hue(models.TextChoices):
    SLATE = "slate", _("slate")
    TEAL = "teal", _("teal")
    SKY = "sky", _("sky")
    INDIGO = "indigo", _("indigo")
    PLUM = "plum", _("plum")
    ROSE = "rose", _("rose")
    RUST = "rust", _("rust")
    BROWN = "brown", _("brown")
    MOSS = "moss", _("moss")
