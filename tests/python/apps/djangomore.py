"""The reading list of examples/django, and what a reading list has no use for."""

import asyncio
import time

from django.http import JsonResponse, StreamingHttpResponse
from django.urls import path
from readinglist.wsgi import application

# Only now is Django set up for what they import.
from readinglist import urls

__all__ = ["application"]


def fails(request):
    raise RuntimeError("a view of the tests fails")


def slowly(request):
    def pieces():
        for number in range(4):
            yield f"{number}\n"
            time.sleep(0.1)

    # GZipMiddleware would gather them.
    headers = {"Content-Encoding": "identity"}
    return StreamingHttpResponse(pieces(), content_type="text/plain", headers=headers)


async def waits(request):
    async def wait(number):
        await asyncio.sleep(0.01 * (3 - number))
        return number

    return JsonResponse({"waited": await asyncio.gather(*map(wait, range(3)))})


urls.urlpatterns[:0] = [
    path("more/fails/", fails),
    path("more/slowly/", slowly),
    path("more/waits/", waits),
]
