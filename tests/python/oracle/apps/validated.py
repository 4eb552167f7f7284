"""Real applications with CPython's validator around them."""

import importlib
from wsgiref.validate import validator


def of(app):
    """Imported only when it is asked for: each has a site of its own."""
    module, _, attribute = app.partition(":")
    return validator(repaired(getattr(importlib.import_module(module), attribute)))


def repaired(application):
    """Without what the validator is right to complain of, and what is no gateway's fault.

    Frameworks give 204 and 304 a Content-Type, and read without a size.
    """

    def middleware(environ, start_response):
        def start(status, headers, *exc_info):
            if status[:3] in ("204", "304"):
                headers = [header for header in headers if header[0].lower() != "content-type"]
            return start_response(status, headers, *exc_info)

        environ["wsgi.input"] = Sized(environ["wsgi.input"])
        return application(environ, start)

    return middleware


class Sized:
    def __init__(self, stream):
        self.readline = stream.readline
        self.readlines = stream.readlines
        self._stream = stream

    def __iter__(self):
        return iter(self._stream)

    def read(self, size=-1):
        return self._stream.read(size)


def flask():
    return of("flaskmore:app")


def django():
    return of("djangomore:application")


def werkzeug():
    return of("werkzeugapp:application")
