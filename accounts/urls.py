"""Addresses of one's own account, the same outside organisations and inside each."""

from django.urls import path

from .views import mfa, profile, second_step, security, signing_in

app_name = "accounts"
urlpatterns = [
    path("", profile.profile, name="profile"),
    path("sign-in/", signing_in.sign_in, name="sign_in"),
    path("sign-out/", signing_in.sign_out, name="sign_out"),
    path("password/", profile.password, name="password"),
    path("security/", security.security, name="security"),
    path("sessions/end/", security.sessions_end, name="sessions_end"),
    path("sessions/<uuid:pk>/end/", security.session_end, name="session_end"),
    path("app/", mfa.authenticator, name="authenticator"),
    path("app/remove/", mfa.authenticator_remove, name="authenticator_remove"),
    path("recovery/", mfa.recovery, name="recovery"),
    path("devices/forget/", mfa.devices_forget, name="devices_forget"),
    path("passkeys/challenge/", second_step.passkey_challenge, name="passkey_challenge"),
    path("passkeys/options/", mfa.passkey_options, name="passkey_options"),
    path("passkeys/add/", mfa.passkey_add, name="passkey_add"),
    path("passkeys/<uuid:pk>/rename/", mfa.passkey_rename, name="passkey_rename"),
    path("passkeys/<uuid:pk>/remove/", mfa.passkey_remove, name="passkey_remove"),
]
