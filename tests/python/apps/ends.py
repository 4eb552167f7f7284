"""Ways in which Python itself ends."""

import ctypes
import os

from spec import hello


def app(environ, start_response):
    way = environ["PATH_INFO"].strip("/")
    if way == "fault":
        ctypes.string_at(2**32 - 16)
    elif way == "waits":
        environ["wsgi.input"].read()
    elif way == "exit":
        os._exit(1)
    elif way == "abort":
        os.abort()
    return hello(environ, start_response)
