"""What is only outside organisations: ways in for who is not signed in."""

from django.urls import path

from . import urls
from .views import resetting, second_step

app_name = "accounts"
urlpatterns = [
    *urls.urlpatterns,
    path("sign-in/second/", second_step.second_step, name="second_step"),
    path("sign-in/passkey/", second_step.passkey_enter, name="passkey_enter"),
    path("forgot/", resetting.forgot, name="forgot"),
    path("reset/<str:link>/", resetting.reset, name="reset"),
]
