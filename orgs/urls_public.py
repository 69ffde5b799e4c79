"""Addresses outside every organisation: set-up, invitations, choosing and creating one."""

from django.urls import path

from .views import access, entrance

app_name = "orgs"
urlpatterns = [
    path("", entrance.choose, name="choose"),
    path("set-up/", entrance.set_up, name="set_up"),
    path("organisations/", entrance.org_list, name="list"),
    path("organisations/new/", entrance.create, name="create"),
    path("organisations/access/", access.platform_access, name="platform_access"),
    path("invitations/<str:link>/", entrance.accept, name="accept"),
    path("invitations/<str:link>/as-other/", entrance.accept_as_other, name="accept_as_other"),
]
