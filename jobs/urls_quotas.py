"""Addresses of the quotas' pages."""

from django.urls import path

from .pages import quota_rules, quotas

app_name = "quotas"
urlpatterns = [
    path("", quotas.quota_list, name="list"),
    path("rules/", quota_rules.rule_list, name="rules"),
    path("rules/add/", quota_rules.rule_add, name="add"),
    path("rules/<uuid:pk>/edit/", quota_rules.rule_edit, name="edit"),
    path("rules/<uuid:pk>/delete/", quota_rules.rule_delete, name="delete"),
]
