"""Real applications with CPython's validator around them."""

import importlib
from wsgiref.validate import validator


def of(app):
    """Imported only when it is asked for: each has a site of its own."""
    module, _, attribute = app.partition(":")
    return validator(repaired(getattr(importlib.import_module(module), attribute)))


def repaired(application):
    """Frameworks give 204 and 304 a Content-Type, which the validator is right to complain of."""

    def middleware(environ, start_response):
        def start(status, headers, *exc_info):
            if status[:3] in ("204", "304"):
                headers = [header for header in headers if header[0].lower() != "content-type"]
            return start_response(status, headers, *exc_info)

        return application(environ, start)

    return middleware


def flask():
    return of("flaskmore:app")


def django():
    return of("djangomore:application")


def werkzeug():
    return of("werkzeugapp:application")
