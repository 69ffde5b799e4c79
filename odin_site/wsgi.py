"""The web server's way in."""

import gc
import os
from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "odin_site.settings")
application = get_wsgi_application()

# Read before gunicorn forks, and then left alone by garbage collection: so its processes share this memory.
for urls in (settings.ROOT_URLCONF, settings.PUBLIC_SCHEMA_URLCONF):
    import_module(urls)
gc.collect()
gc.freeze()
# Lists of thousands are many objects and no garbage: looking through them took a third of their time.
gc.set_threshold(20_000, 20, 50)
