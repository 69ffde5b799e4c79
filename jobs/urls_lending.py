"""Addresses of the pages about lent printers."""

from django.urls import path

from .pages import guests, ledger, lent, offers

app_name = "lending"
urlpatterns = [
    path("", offers.offer_list, name="list"),
    path("offers/<uuid:pk>/", offers.offer_form, name="offer"),
    path("offers/<uuid:pk>/withdraw/", offers.offer_withdraw, name="withdraw"),
    path("guests/", guests.guest_list, name="guests"),
    path("guests/<uuid:pk>/correct/", guests.guest_correct, name="correct"),
    path("guests/<uuid:pk>/answer/", guests.guest_answer, name="answer"),
    path("ledger/", ledger.ledger_list, name="ledger"),
    path("ledger/csv/", ledger.ledger_csv, name="ledger_csv"),
    path("printers/live/", lent.lent_live, name="live"),
    path("printers/<uuid:pk>/", lent.lent_printer, name="printer"),
    path("printers/<uuid:pk>/live/", lent.lent_printer_live, name="printer_live"),
    *(
        path(f"printers/<uuid:pk>/{name}/", lent.lent_order, {"name": name}, name=name)
        for name in lent.ORDERS
    ),
]
