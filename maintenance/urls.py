"""Addresses of this app's pages."""

from django.urls import path

from .pages import listing, log, meters, tasks, templates

app_name = "maintenance"
urlpatterns = [
    path("", listing.task_list, name="list"),
    path("add/", tasks.task_add, name="add"),
    path("<uuid:pk>/edit/", tasks.task_edit, name="edit"),
    path("<uuid:pk>/delete/", tasks.task_delete, name="delete"),
    path("<uuid:pk>/done/", tasks.task_done, name="done"),
    path("log/", log.log_list, name="log"),
    path("log.csv", log.log_csv, name="log_csv"),
    path("log/<uuid:pk>/delete/", log.entry_delete, name="entry_delete"),
    path("log/<uuid:pk>/photo/", log.log_photo, name="photo"),
    path("templates/", templates.template_list, name="templates"),
    path("templates/add/", templates.template_add, name="template_add"),
    path("templates/<uuid:pk>/edit/", templates.template_edit, name="template_edit"),
    path("templates/<uuid:pk>/delete/", templates.template_delete, name="template_delete"),
    path("printers/<uuid:pk>/hours/", meters.hours, name="hours"),
    path("printers/<uuid:pk>/nozzle/", meters.nozzle, name="nozzle"),
]
