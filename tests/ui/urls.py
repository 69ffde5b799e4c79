"""Just the names which the frame asks for, so that the specimen needs no other app."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path


def nothing(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def names(app: str, *words: str) -> object:
    return include(([path(f"{word}/", nothing, name=word) for word in words], app))


urlpatterns = [
    path("reports/", names("reports", "dashboard")),
    path("printers/", names("printers", "list")),
    path("jobs/", names("jobs", "list")),
    path("alerts/", names("alerts", "list", "bell")),
    path("orgs/", names("orgs", "members", "settings", "jump")),
    path("account/", names("accounts", "profile", "sign_out")),
]
