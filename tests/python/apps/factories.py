"""Applications by other names than `module:application`."""

import os
import sys

from spec import answer, hello


class Site:
    class inner:
        app = staticmethod(hello)


def create():
    return lambda environ, start_response: answer(start_response, os.environ.get("COLOUR"))


def fail():
    raise LookupError("not configured")


def path(environ, start_response):
    return answer(start_response, sys.path[:2])


nothing = None
