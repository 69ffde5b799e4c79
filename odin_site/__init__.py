"""The site: settings, URL tables, the API's mount, Celery."""
