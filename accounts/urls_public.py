"""What is only outside organisations: ways in for who is not signed in."""

from django.urls import path

from . import urls
from .views import resetting

app_name = "accounts"
urlpatterns = [
    *urls.urlpatterns,
    path("forgot/", resetting.forgot, name="forgot"),
    path("reset/<str:link>/", resetting.reset, name="reset"),
]
