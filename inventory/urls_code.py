"""The short addresses behind the codes on spools."""

from django.urls import path

from .pages import phone

app_name = "code"
urlpatterns = [
    path("<int:code>/", phone.spool, name="spool"),
    path("<int:code>/load/", phone.load, name="load"),
    path("<int:code>/unload/", phone.unload, name="unload"),
    path("<int:code>/weigh/", phone.weighed, name="weigh"),
    path("<int:code>/move/", phone.moved, name="move"),
    path("<int:code>/empty/", phone.emptied, name="empty"),
    path("<int:code>/restore/", phone.restored, name="restore"),
]
