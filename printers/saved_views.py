"""Saved views of the printers' list: a name for what its address asks. Everybody has their own."""

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from accounts.models import User

from .models import SavedView

MOST = 30


class NotSaved(Exception):
    """A view was not saved; the message says why."""


class NameTaken(NotSaved):
    """The person has another view of this name, which they may replace."""


def of(user: User) -> "QuerySet[SavedView]":
    """The person's own views, by name."""
    return SavedView.objects.filter(user_id=user.pk)


def add(user: User, name: str, query: str, *, opens: bool = False, replace: bool = False) -> SavedView:
    """Keep `query` under `name`. `opens`: the list opens with it from now on.

    Raises NameTaken for a name that is there, unless it is to be replaced, and NotSaved beyond MOST.
    """
    same = of(user).filter(name__iexact=name).first()
    if same is not None:
        if not replace:
            raise NameTaken(_("You have a view called %(name)s already.") % {"name": same.name})
        return change(same, name=name, query=query, opens=opens or same.opens)
    if of(user).count() >= MOST:
        raise NotSaved(_("You have %(n)d views already. Delete one that you do not need.") % {"n": MOST})
    return change(SavedView(user_id=user.pk), name=name, query=query, opens=opens)


def change(view: SavedView, *, name: str, query: str | None = None, opens: bool) -> SavedView:
    """Rename, or replace what it shows, or make it the one the list opens with. Raises NameTaken."""
    view.name, view.opens = name, opens
    view.query = view.query if query is None else query
    try:
        with transaction.atomic():
            if opens:
                SavedView.objects.filter(user_id=view.user_id).exclude(pk=view.pk).update(opens=False)
            view.save()
    except IntegrityError:
        raise NameTaken(_("You have a view called %(name)s already.") % {"name": name}) from None
    return view


def opening(user: User) -> SavedView | None:
    """The view that the person's list opens with, if they chose one."""
    return of(user).filter(opens=True).first()


def follow_rename(parameter: str, old: str, new: str) -> None:
    """Let everybody's views ask for `new` where they asked for `old`."""
    for view in SavedView.objects.filter(query__contains=f"{parameter}="):
        asked = QueryDict(view.query, mutable=True)
        values = asked.getlist(parameter)
        if old in values:
            asked.setlist(parameter, [new if value == old else value for value in values])
            SavedView.objects.filter(pk=view.pk).update(query=asked.urlencode())
