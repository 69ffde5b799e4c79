"""Addresses of one's own account, the same outside organisations and inside each."""

from django.urls import path

from .views import profile, security, signing_in

app_name = "accounts"
urlpatterns = [
    path("", profile.profile, name="profile"),
    path("sign-in/", signing_in.sign_in, name="sign_in"),
    path("sign-out/", signing_in.sign_out, name="sign_out"),
    path("password/", profile.password, name="password"),
    path("security/", security.security, name="security"),
    path("sessions/end/", security.sessions_end, name="sessions_end"),
    path("sessions/<uuid:pk>/end/", security.session_end, name="session_end"),
]
