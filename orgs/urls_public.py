"""Addresses outside every organisation: set-up, invitations, choosing and creating one."""

from django.urls import path

from .views import access, entrance, platform

app_name = "orgs"
urlpatterns = [
    path("", entrance.choose, name="choose"),
    path("set-up/", entrance.set_up, name="set_up"),
    path("organisations/", entrance.org_list, name="list"),
    path("organisations/all/", platform.org_table, name="platform"),
    path("organisations/new/", platform.create, name="create"),
    path("organisations/<uuid:pk>/", platform.manage, name="manage"),
    path("organisations/<uuid:pk>/rename/", platform.rename, name="rename"),
    path("organisations/<uuid:pk>/suspend/", platform.suspend, name="suspend"),
    path("organisations/<uuid:pk>/resume/", platform.resume, name="resume"),
    path("organisations/<uuid:pk>/archive/", platform.archive, name="archive"),
    path("organisations/<uuid:pk>/restore/", platform.restore, name="restore"),
    path("organisations/access/", access.platform_access, name="platform_access"),
    path("invitations/<str:link>/", entrance.accept, name="accept"),
    path("invitations/<str:link>/as-other/", entrance.accept_as_other, name="accept_as_other"),
]
