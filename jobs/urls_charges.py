"""Addresses of the chargebacks' pages."""

from django.urls import path

from .pages import charges, rate_cards

app_name = "charges"
urlpatterns = [
    path("", charges.month, name="month"),
    path("statement/none/", charges.statement_of_none, name="none"),
    path("statement/organisation/", charges.statement_of_org, name="organisation"),
    path("statement/<uuid:pk>/", charges.statement, name="statement"),
    path("close/", charges.close, name="close"),
    path("correct/", charges.correct, name="correct"),
    path("lines/<uuid:pk>/counter/", charges.counter, name="counter"),
    path("jobs/<uuid:pk>/department/", charges.move, name="move"),
    path("cards/", rate_cards.card_list, name="cards"),
    path("cards/add/", rate_cards.card_add, name="card_add"),
    path("cards/<uuid:pk>/edit/", rate_cards.card_edit, name="card_edit"),
    path("cards/<uuid:pk>/delete/", rate_cards.card_delete, name="card_delete"),
]
