"""Small WSGI applications, one a path, for what PEP 3333 says of servers; and what they have seen."""

import asyncio
import hashlib
import io
import json
import sys
import time

PLAIN = [("Content-Type", "text/plain")]
events = []


class Chunks:
    """An iterable that tells of its end."""

    def __init__(self, name, *chunks):
        self.name = name
        self.chunks = chunks

    def __iter__(self):
        yield from self.chunks

    def close(self):
        events.append(f"{self.name} closed")


def app(environ, start_response):
    name = environ["PATH_INFO"].strip("/").partition("/")[0] or "hello"
    return APPS[name](environ, start_response)


def answer(start_response, value, status="200 OK"):
    body = json.dumps(value).encode()
    start_response(status, [("Content-Type", "application/json")])
    return [body]


def hello(environ, start_response):
    start_response("200 OK", PLAIN)
    return [b"Hello from ", b"Python"]


def seen(environ, start_response):
    found = list(events)
    events.clear()
    return answer(start_response, found)


def environment(environ, start_response):
    return answer(
        start_response,
        {
            key: value if isinstance(value, (str, int, float, bool)) else type(value).__name__
            for key, value in environ.items()
        },
    )


def twice(environ, start_response):
    start_response("200 OK", PLAIN)
    try:
        start_response("404 Not Found", PLAIN)
    except AssertionError as error:
        return [str(error).encode()]
    return []


def replaced(environ, start_response):
    start_response("200 OK", PLAIN + [("X-First", "1")])
    try:
        1 / 0
    except ZeroDivisionError:
        start_response("503 Service Unavailable", PLAIN, sys.exc_info())
    return [b"replaced"]


def too_late(environ, start_response):
    write = start_response("200 OK", PLAIN)
    write(b"sent ")
    try:
        1 / 0
    except ZeroDivisionError:
        try:
            start_response("500 Oops", PLAIN, sys.exc_info())
        except ZeroDivisionError as error:
            return [f"{error}".encode()]
    return []


def too_late_uncaught(environ, start_response):
    start_response("200 OK", PLAIN)
    yield b"sent"
    try:
        1 / 0
    except ZeroDivisionError:
        start_response("500 Oops", PLAIN, sys.exc_info())


def late(environ, start_response):
    """start_response in the first step of a generator, behind chunks without bytes."""
    yield b""
    start_response("201 Created", PLAIN)
    yield b""
    yield b"late"


def never(environ, start_response):
    return [b"bytes"]


def writes(environ, start_response):
    write = start_response("200 OK", PLAIN)
    write(b"one ")
    write(b"two ")
    return Chunks("writes", b"three")


def big_writes(environ, start_response):
    """A client that does not read stops it."""
    write = start_response("200 OK", PLAIN)
    for _ in range(200):
        write(bytes(65536))
        events.append("written")
    return []


def write_refused(environ, start_response):
    write = start_response("200 OK", PLAIN + [("X-Bad", "a\nb")])
    write(b"never")
    return []


def bad_header(environ, start_response):
    start_response("200 OK", PLAIN + [("X-Bad", "a\nb")])
    return Chunks("bad_header", b"one", b"two")


def bytes_header(environ, start_response):
    start_response("200 OK", [("X-Bad", b"bytes")])
    return []


def text_chunk(environ, start_response):
    start_response("200 OK", PLAIN)
    return Chunks("text_chunk", "text")


def nothing(environ, start_response):
    start_response("200 OK", PLAIN)


def streams(environ, start_response):
    start_response("200 OK", PLAIN)
    return Chunks("streams", b"one ", b"", b"two ", b"three")


def steps(environ, start_response):
    """An iterable whose iterator has nothing but __next__, which is all that a for loop asks for."""

    class Steps:
        left = 3

        def __next__(self):
            if self.left == 0:
                raise StopIteration
            self.left -= 1
            return b"step "

    class Body:
        def __iter__(self):
            return Steps()

    start_response("200 OK", PLAIN)
    return Body()


def measured(environ, start_response):
    """More than Content-Length."""
    start_response("200 OK", PLAIN + [("Content-Length", "6")])
    return Chunks("measured", b"one", b"two", b"three")


def behind(environ, start_response):
    """Work behind the last byte."""
    start_response("200 OK", PLAIN + [("Content-Length", "4")])
    yield b"done"
    events.append("behind ran")


def short(environ, start_response):
    start_response("200 OK", PLAIN + [("Content-Length", "10")])
    return [b"short"]


def head(environ, start_response):
    start_response("200 OK", PLAIN + [("Content-Length", "11")])
    return Chunks("head", b"hello ", b"world")


def no_content(environ, start_response):
    start_response("204 No Content", [])
    return Chunks("no_content")


def not_modified(environ, start_response):
    start_response("304 Not Modified", [("ETag", '"1"')])
    return []


def fails(environ, start_response):
    events.append("fails ran")
    raise LookupError("no such café")


def fails_between(environ, start_response):
    start_response("200 OK", PLAIN)
    chunks = Chunks("fails_between", b"before", None)
    return chunks


def fails_closing(environ, start_response):
    class Broken(Chunks):
        def close(self):
            raise LookupError("close failed")

    start_response("200 OK", PLAIN)
    return Broken("fails_closing", b"all the same")


def exits(environ, start_response):
    sys.exit(3)


def interrupts(environ, start_response):
    raise KeyboardInterrupt


def recurses(environ, start_response):
    def deeper(depth):
        return deeper(depth + 1) + 1

    return [deeper(0)]


def endless(environ, start_response):
    start_response("200 OK", PLAIN)
    try:
        while True:
            yield b"more"
    except GeneratorExit:
        events.append("endless left")
        raise


def latin1(environ, start_response):
    start_response("200 OK", PLAIN + [("X-Bytes", environ.get("HTTP_X_BYTES", "") + "\xe9\xff")])
    return [environ["PATH_INFO"].encode("latin-1")]


def cookies(environ, start_response):
    start_response("200 OK", [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")])
    return []


def log(environ, start_response):
    errors = environ["wsgi.errors"]
    errors.write("first half, ")
    errors.write("second half\n")
    errors.writelines(["caf\xe9\n", "\u20ac\n"])
    errors.flush()
    print("printed")
    start_response("200 OK", PLAIN)
    return [b"logged"]


def read(environ, start_response):
    return answer(start_response, len(environ["wsgi.input"].read()))


def read_twice(environ, start_response):
    stream = environ["wsgi.input"]
    return answer(start_response, [len(stream.read()), len(stream.read()), len(stream.read(5))])


def read_parts(environ, start_response):
    stream = environ["wsgi.input"]
    return answer(
        start_response,
        [
            stream.read(3).decode(),
            stream.readline().decode(),
            stream.readline(2).decode(),
            [line.decode() for line in stream.readlines(4)],
            [line.decode() for line in stream],
            stream.read(1).decode(),
        ],
    )


def read_late(environ, start_response):
    """The request body read in the response's, as one comes in and the other goes out."""
    start_response("200 OK", PLAIN)
    while chunk := environ["wsgi.input"].read1(65536):
        yield chunk


def read_caught(environ, start_response):
    try:
        environ["wsgi.input"].read()
    except OSError as error:
        events.append(f"{type(error).__name__}: {error}")
        raise
    return answer(start_response, "read")


def file(environ, start_response):
    class File(io.BytesIO):
        def close(self):
            events.append("file closed")
            super().close()

    start_response("200 OK", PLAIN)
    return environ["wsgi.file_wrapper"](File(bytes(100_000)), 4096)


def sleeps(environ, start_response):
    time.sleep(0.02)
    start_response("200 OK", PLAIN)
    yield b"slept "
    time.sleep(0.02)
    yield b"twice"


def loop(environ, start_response):
    """No event loop runs, and asyncio.run works."""
    try:
        asyncio.get_running_loop()
        running = True
    except RuntimeError:
        running = False

    async def work():
        await asyncio.sleep(0.01)
        inner = await asyncio.gather(*(asyncio.sleep(0, n) for n in range(3)))
        hidden = await asyncio.to_thread(has_loop)
        return [*inner, hidden, has_loop()]

    return answer(start_response, [running, asyncio.run(work()), has_loop()])


def has_loop():
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def hashes(environ, start_response):
    return answer(
        start_response,
        [
            hashlib.pbkdf2_hmac("sha256", b"password", b"salt", 4096, 20).hex(),
            hashlib.pbkdf2_hmac("sha1", b"password", b"salt", 2).hex(),
            hashlib.scrypt(b"password", salt=b"NaCl", n=1024, r=8, p=16).hex(),
        ],
    )


def zones(environ, start_response):
    from datetime import datetime
    from zoneinfo import ZoneInfo

    return answer(start_response, datetime(2026, 7, 1, tzinfo=ZoneInfo("UTC")).isoformat())


APPS = {name: value for name, value in globals().items() if callable(value)}
