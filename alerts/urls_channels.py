"""Addresses of the pages of channels."""

from django.urls import path

from .pages import log, organisation, own, rows, worker

app_name = "channels"
urlpatterns = [
    path("", own.own, name="own"),
    path("chat/add/", own.chat_add, name="chat_add"),
    path("mail/test/", own.mail_test, name="mail_test"),
    path("push/add/", own.push_add, name="push_add"),
    path("push/remove/", own.push_remove, name="push_remove"),
    path("push/worker.js", worker.worker, name="worker"),
    path("own/<uuid:pk>/test/", rows.own_test, name="own_test"),
    path("own/<uuid:pk>/switch/", rows.own_switch, name="own_switch"),
    path("own/<uuid:pk>/delete/", rows.own_delete, name="own_delete"),
    path("organisation/", organisation.org, name="org"),
    path("organisation/add/", organisation.org_add, name="org_add"),
    path("organisation/<uuid:pk>/edit/", organisation.org_edit, name="org_edit"),
    path("organisation/<uuid:pk>/secret/", organisation.org_secret, name="org_secret"),
    path("organisation/<uuid:pk>/test/", rows.org_test, name="org_test"),
    path("organisation/<uuid:pk>/switch/", rows.org_switch, name="org_switch"),
    path("organisation/<uuid:pk>/delete/", rows.org_delete, name="org_delete"),
    path("log/", log.log, name="log"),
    path("log/<uuid:pk>/again/", log.again, name="again"),
]
