"""Django's pages as WSGI."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pult.config.settings")

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
