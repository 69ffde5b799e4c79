"""Reasons that several actions give."""

from django.utils.translation import gettext_lazy as _

NOT_IN_TRASH = _("It is in the trash. Restore it first.")
CHANGED = _("It was changed since.")
