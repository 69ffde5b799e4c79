"""Rate cards: the list, a new one from a day on, changing one that has not begun."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jobs.charging import setting
from jobs.charging.books import today
from jobs.charging.cards import card_at
from jobs.charging.forms import RateCardForm
from jobs.charging.models import RateCard
from jobs.charging.showing import shown_cards
from orgs.permissions import may, require
from orgs.requests import OrgRequest


@require_GET
@require("charge.view")
def card_list(request: OrgRequest) -> HttpResponse:
    holds = card_at(today(), request.org.currency)
    cards = shown_cards(list(RateCard.objects.order_by("-valid_from", "currency")[:200]), holds)
    return render(
        request, "jobs/rate_cards.html", {"cards": cards, "may_manage": may(request, "charge.manage")}
    )


@require_http_methods(["GET", "POST"])
@require("charge.manage")
def card_add(request: OrgRequest) -> HttpResponse:
    """It begins with the prices of the card that holds."""
    start = card_at(today(), request.org.currency)
    card = RateCard(currency=request.org.currency)
    if start is not None and request.method == "GET":
        for name in set(setting.FIELDS) - {"valid_from", "note"}:
            setattr(card, name, getattr(start, name))
    return _edited(request, card)


@require_http_methods(["GET", "POST"])
@require("charge.manage")
def card_edit(request: OrgRequest, pk: UUID) -> HttpResponse:
    card = get_object_or_404(RateCard, pk=pk)
    if setting.has_begun(card):
        messages.error(request, _("This card has begun: what was charged by it stays. Make a new one."))
        return redirect("charges:cards")
    return _edited(request, card)


@require_POST
@require("charge.manage")
def card_delete(request: OrgRequest, pk: UUID) -> HttpResponse:
    card = get_object_or_404(RateCard, pk=pk)
    try:
        setting.delete(card)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("The card is deleted."))
    return redirect("charges:cards")


def _edited(request: OrgRequest, card: RateCard) -> HttpResponse:
    form = RateCardForm(request.org, request.POST or None, instance=card)
    if form.is_valid():
        try:
            setting.save(form.card())
        except ValidationError as error:
            _put_by_fields(form, error)
        else:
            messages.success(request, _("The card is saved."))
            return redirect("charges:cards")
    status = 422 if form.is_bound else 200
    return render(request, "jobs/rate_card_form.html", {"form": form, "card": card}, status=status)


def _put_by_fields(form: RateCardForm, error: ValidationError) -> None:
    """What is about a field of the form stands by it."""
    told: dict[str, list[str]] = getattr(error, "message_dict", None) or {"": error.messages}
    for name, words in told.items():
        form.add_error(name if name in form.fields else None, words)
