"""A WSGI application with a path for every form that a request and a response may have."""

import json
import sys
import warnings
from wsgiref.validate import WSGIWarning, validator

# What the validator only warns of is a complaint, too.
warnings.simplefilter("error", WSGIWarning)

TEXT = [("Content-Type", "text/plain")]


def application(environ, start_response):
    form = FORMS.get(environ["PATH_INFO"].split("/")[1])
    if form is None:
        start_response("404 Not Found", TEXT)
        return [b"no such form\n"]
    return form(environ, start_response)


def tell(environ, start_response):
    """All of environ that JSON can say; of the rest, what it is."""
    start_response("200 OK", [("Content-Type", "application/json")])
    told = {key: value if type(value) in (str, bool, int) else describe(value) for key, value in environ.items()}
    return [json.dumps(told).encode()]


def describe(value):
    return list(value) if type(value) is tuple else type(value).__name__


def one(environ, start_response):
    start_response("200 OK", TEXT)
    return [b"one block"]


def no_block(environ, start_response):
    start_response("200 OK", TEXT)
    return []


def blocks(environ, start_response):
    start_response("200 OK", TEXT)
    return (b"first ", b"", b"second ", b"third")


def counted(environ, start_response):
    start_response("200 OK", TEXT + [("Content-Length", "11")])
    return iter([b"hello", b" ", b"world"])


def no_content(environ, start_response):
    start_response("204 No Content", [("X-Form", "empty")])
    return []


def not_modified(environ, start_response):
    start_response("304 Not Modified", [("ETag", '"1"')])
    return []


def reason(environ, start_response):
    start_response("418 Short and stout", TEXT)
    return [b"tip me over"]


def late(environ, start_response):
    """start_response in the generator: not before its first block is asked for."""
    start_response("200 OK", TEXT)
    yield b"late"


def generator(environ, start_response):
    start_response("200 OK", TEXT)
    yield b""
    yield b"a"
    yield b""
    yield b"b"


def written(environ, start_response):
    write = start_response("200 OK", TEXT)
    write(b"written, ")
    write(b"")
    write(b"twice, ")
    return [b"and returned"]


def only_written(environ, start_response):
    write = start_response("200 OK", TEXT)
    write(b"nothing but this")
    return []


def replaced(environ, start_response):
    """The page of an error that came when there was a response, and nothing of it sent."""
    start_response("200 OK", TEXT + [("X-First", "1"), ("Content-Length", "3")])
    try:
        raise RuntimeError("before the body")
    except RuntimeError:
        start_response("503 Service Unavailable", TEXT + [("X-Second", "2")], sys.exc_info())
    return [b"replaced"]


def replaced_late(environ, start_response):
    """The same in the generator, after an empty block."""
    start_response("200 OK", TEXT + [("X-First", "1")])
    yield b""
    try:
        raise RuntimeError("in the body")
    except RuntimeError:
        start_response("503 Service Unavailable", TEXT + [("X-Second", "2")], sys.exc_info())
    yield b"replaced in the body"


def thrown_back(environ, start_response):
    """Too late for a page: the error comes back, the same."""
    start_response("200 OK", TEXT + [("Content-Length", "40")])
    yield b"sent"
    error = RuntimeError("too late")
    try:
        raise error
    except RuntimeError:
        try:
            start_response("503 Service Unavailable", TEXT, sys.exc_info())
        except RuntimeError as back:
            print("thrown back, the same:", back is error, file=environ["wsgi.errors"])
            raise


def headers(environ, start_response):
    start_response(
        "200 OK",
        TEXT
        + [
            ("Set-Cookie", "a=1; Path=/"),
            ("Set-Cookie", "b=2, c"),
            ("X-Twice", "one"),
            ("X-Twice", "two"),
            ("X-Latin", "caf\xe9"),
            ("X-Tab", "a,b"),
        ],
    )
    return [b""]


class Closing:
    """An iterable that is no iterator, and tells in the log that it has been closed."""

    def __init__(self, errors, blocks):
        self.errors = errors
        self.blocks = blocks

    def __iter__(self):
        return iter(self.blocks)

    def close(self):
        self.errors.write("closed\n")


def closing(environ, start_response):
    start_response("200 OK", TEXT)
    return Closing(environ["wsgi.errors"], [b"to be ", b"closed"])


class File:
    def __init__(self, blocks, errors):
        self.blocks = blocks
        self.errors = errors

    def read(self, size):
        return self.blocks.pop(0) if self.blocks else b""

    def close(self):
        self.errors.write("file closed\n")


def wrapped(environ, start_response):
    start_response("200 OK", TEXT)
    file = File([b"a file ", b"in pieces"], environ["wsgi.errors"])
    wrapper = environ.get("wsgi.file_wrapper")
    return wrapper(file, 8192) if wrapper else [b"a file in pieces"]


def log(environ, start_response):
    errors = environ["wsgi.errors"]
    errors.write("a line, \u2192 and \xe9\n")
    errors.writelines(["two ", "pieces\n"])
    errors.flush()
    start_response("200 OK", TEXT)
    return [b"logged"]


def read(environ, start_response):
    """The body as read(n) gives it, and what comes when it is at its end."""
    stream = environ["wsgi.input"]
    pieces = []
    while piece := stream.read(1000):
        pieces.append(piece)
    after = [stream.read(10), stream.readline(), stream.readlines(), list(stream)]
    start_response("200 OK", [("Content-Type", "application/octet-stream"), ("X-After", repr(after))])
    return [b"".join(pieces)]


def lines(environ, start_response):
    stream = environ["wsgi.input"]
    told = [stream.readline(), stream.readline(3), *stream.readlines(1), *stream]
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps([line.decode("latin-1") for line in told]).encode()]


def input_in_body(environ, start_response):
    """Reads while it answers."""
    start_response("200 OK", [("Content-Type", "application/octet-stream")])
    stream = environ["wsgi.input"]
    yield b"<"
    while piece := stream.read(4096):
        yield piece
    yield b">"


def unread(environ, start_response):
    start_response("200 OK", TEXT)
    return [b"not read"]


def validated(environ, start_response):
    """Whether it is the validator that has called: its input is no other's."""
    start_response("200 OK", TEXT)
    name = type(environ["wsgi.input"])
    return [f"{name.__module__}.{name.__qualname__}".encode()]


def no_type(environ, start_response):
    """A fault that only the validator minds."""
    start_response("200 OK", [])
    return [b"no Content-Type"]


FORMS = {
    "": one,
    "blocks": blocks,
    "closing": closing,
    "counted": counted,
    "environ": tell,
    "generator": generator,
    "headers": headers,
    "input-in-body": input_in_body,
    "late": late,
    "lines": lines,
    "log": log,
    "no-block": no_block,
    "no-content": no_content,
    "no-type": no_type,
    "not-modified": not_modified,
    "one": one,
    "only-written": only_written,
    "read": read,
    "reason": reason,
    "replaced": replaced,
    "replaced-late": replaced_late,
    "thrown-back": thrown_back,
    "unread": unread,
    "validated": validated,
    "wrapped": wrapped,
    "written": written,
}

valid = validator(application)


def broken(environ, start_response):
    """The same behind a gateway that breaks what the path says."""
    _, key, *_ = environ["PATH_INFO"].split("/")
    breaks = {
        "no-server-name": lambda: environ.pop("SERVER_NAME"),
        "port-is-a-number": lambda: environ.update(SERVER_PORT=80),
        "version-is-a-list": lambda: environ.update({"wsgi.version": [1, 0]}),
        "path-without-slash": lambda: environ.update(PATH_INFO="one"),
        "content-length-as-header": lambda: environ.update(HTTP_CONTENT_LENGTH="0"),
        "nothing": lambda: None,
    }
    breaks[key]()
    return validator(one)(environ, start_response)
