"""Addresses of this app's pages."""

from django.urls import path

from .views import access, branding, departments, jump, members, settings, tokens

app_name = "orgs"
urlpatterns = [
    path("members/", members.member_list, name="members"),
    path("members/invite/", members.invite, name="invite"),
    path("members/<uuid:pk>/role/", members.change_role, name="change_role"),
    path("members/<uuid:pk>/remove/", members.remove, name="remove"),
    path("members/<uuid:pk>/reset-mfa/", members.reset_mfa, name="reset_mfa"),
    path("members/invitations/<uuid:pk>/resend/", members.resend, name="resend"),
    path("members/invitations/<uuid:pk>/withdraw/", members.withdraw, name="withdraw"),
    path("members/<uuid:pk>/department/", members.put, name="put"),
    path("members/<uuid:pk>/printers/", members.limit, name="limit"),
    path("departments/", departments.department_list, name="departments"),
    path("departments/<uuid:pk>/edit/", departments.department_edit, name="department_edit"),
    path("departments/<uuid:pk>/delete/", departments.department_delete, name="department_delete"),
    path("settings/", settings.settings, name="settings"),
    path("settings/branding/", branding.branding_edit, name="branding"),
    path("settings/branding/preview/", branding.branding_preview, name="branding_preview"),
    path("brand.css", branding.brand_sheet, name="brand"),
    path("brand/logo.png", branding.brand_logo, name="logo"),
    path("settings/access/", access.access_rules, name="access"),
    path("settings/access/networks/", access.access_networks, name="access_networks"),
    path("settings/access/mfa/", access.access_mfa, name="access_mfa"),
    path("tokens/", tokens.token_list, name="tokens"),
    path("tokens/<uuid:pk>/revoke/", tokens.revoke, name="revoke"),
    path("tokens/<uuid:pk>/rotate/", tokens.rotate, name="rotate"),
    path("jump/", jump.jump, name="jump"),
]
