import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "readinglist.settings")
application = get_wsgi_application()

from readinglist.prepare import prepare  # noqa: E402 (Django must be set up before)

prepare()
