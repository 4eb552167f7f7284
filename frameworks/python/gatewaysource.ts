// Written by `npm run python:source` from the .py files beside it. Do not edit.

/** gateway.py: a WSGI server that is driven from outside, for every transport. */
export const gatewaySource: string = `"""A WSGI server (PEP 3333) that is driven from outside, request by request.

The transport - a Pyodide in a JavaScript runtime, a worker process on a socket - calls

    load("module:attribute")                 once; begin, pull and end serve this application
    begin(id, environ, body, io)             -> (status, headers, chunk, done)
    pull(id)                                 -> the next chunk, or None at the end
    end(id)                                  the response is over: nobody wants more of it

Most responses are small and need one call: \`begin\` with \`done\`. Whatever the application raises
comes out of the call that ran it; by then the application's iterable is closed. \`explain\` makes
of it what a log wants.

\`io\` is what the transport offers a request:

    io.read(size)            at most size bytes of the request body, b"" at its end; may block
    io.write(head, chunk)    sends at once and waits until the chunk is taken; head is
                             (status, headers) at the first call and None afterwards
    io.log(text)             for wsgi.errors
"""

import contextvars
import importlib
import io as streams
import json
import traceback
from types import GeneratorType
from wsgiref.util import FileWrapper

# Bytes that wsgi.input asks for at least.
_BLOCK = 65536
# What no application yields.
_END = object()
_FILE = (lambda: None).__code__.co_filename

_application = None
_loaded = None
# Other requests can run while one waits, in the same thread.
_multithread = False
# What the import of the application has set is there in every request, as in any server.
_context = contextvars.Context()
_requests = {}


def load(app, multithread=False):
    """Imports \`module:attribute\`. The attribute may be dotted; with \`()\` behind it, it is called.

    A second call for the same application keeps the first one's: it may be in a snapshot.
    """
    global _application, _loaded, _multithread, _context
    _multithread = multithread
    if _loaded == app:
        return
    _context = contextvars.copy_context()
    _application, _loaded = _context.run(find, app, "a WSGI"), app


def find(app, kind):
    """What \`load\` imports, for an application of whatever kind."""
    module, _, attribute = app.partition(":")
    found = importlib.import_module(module)
    for name in attribute.removesuffix("()").split("."):
        found = getattr(found, name)
    if attribute.endswith("()"):
        found = found()
    if not callable(found):
        raise TypeError(f"{app} is {_kind(found)}; wanted {kind} application, a callable")
    return found


def begin(id, environ, body, io):
    """Calls the application and runs it until its head is certain.

    environ: JSON, an object; its strings hold bytes as U+0000 to U+00FF (PEP 3333).
    body: the whole request body, or None if it is to be pulled by io.read.
    chunk: None if there is none. done: there are no more, and the iterable is closed.
    """
    request = _Request(id, io)
    return request.context.run(request.begin, json.loads(environ), body)


def pull(id):
    """The next chunk with bytes in it; None at the end, and always after it."""
    request = _requests.get(id)
    return None if request is None else request.context.run(request.pull)


def end(id):
    """Closes what the application has returned, unless that has been done."""
    request = _requests.get(id)
    if request is not None:
        request.context.run(request.end)


def explain(error):
    """(type, message, traceback) of an exception; the traceback begins in the application."""
    traces = list(traceback.walk_tb(error.__traceback__))
    ours = [frame.f_code.co_filename == _FILE for frame, _ in traces] + [False]
    start = ours.index(False, ours.index(True)) if True in ours else 0
    frames = error.__traceback__
    for _ in range(start):
        frames = frames.tb_next
    lines = traceback.format_exception(type(error), error, frames)
    return type(error).__qualname__, str(error), "".join(lines)


class _Request:
    """One call of the application. Every method runs in the request's own context.

    contextvars keep what belongs to one request apart from the others (flask.request does), and a
    transport may call \`pull\` from wherever it likes.
    """

    __slots__ = ("id", "io", "context", "head", "sent", "left", "result", "chunks")

    def __init__(self, id, io):
        self.id = id
        self.io = io
        self.context = _context.copy()
        # (status, headers) of the last start_response.
        self.head = None
        # The head is out: too late for another one.
        self.sent = False
        # Bytes that Content-Length still has room for; None without one.
        self.left = None
        self.result = None
        self.chunks = None

    def begin(self, environ, body):
        try:
            environ["wsgi.version"] = (1, 0)
            environ["wsgi.input"] = (
                streams.BytesIO(body)
                if body is not None
                else streams.BufferedReader(_Input(self.io), _BLOCK)
            )
            environ["wsgi.input_terminated"] = True
            environ["wsgi.errors"] = _Errors(self.io)
            environ["wsgi.file_wrapper"] = FileWrapper
            environ["wsgi.multithread"] = _multithread
            self.result = _application(environ, self.start_response)
            if self.result is None:
                raise TypeError("the application returned None; wanted an iterable of bytes")
            if type(self.result) in (list, tuple):
                chunk = self._join()
            else:
                self.chunks = iter(self.result)
                chunk = self._next()
            if self.head is None:
                raise AssertionError("the application did not call start_response")
            status, headers = self.head
            self.sent = True
        except BaseException:
            self._close()
            raise
        if chunk is None or self.chunks is None:
            self._close()
        elif self.left == 0:
            self._finish()
        done = self.result is None
        if not done:
            _requests[self.id] = self
        return status, headers, chunk, done

    def pull(self):
        try:
            chunk = self._next()
        except BaseException:
            self._close()
            raise
        if chunk is None:
            self._close()
        elif self.left == 0:
            self._finish()
        return chunk

    def end(self):
        if self.left == 0:
            self._run_out()
        self._close()

    def start_response(self, status, headers, exc_info=None):
        if exc_info:
            try:
                if self.sent:
                    raise exc_info[1].with_traceback(exc_info[2])
            finally:
                exc_info = None
        elif self.head is not None:
            raise AssertionError("start_response was called again without exc_info")
        _check_head(status, headers)
        self.head = (status, list(headers))
        self.left = _content_length(headers)
        return self.write

    def write(self, chunk):
        _check_chunk(chunk)
        head = None if self.sent else self.head
        self.sent = True
        self.io.write(head, chunk)
        if self.left is not None:
            self.left -= len(chunk)

    def _next(self):
        # Not a for loop, which would ask the iterator to be an iterable, too.
        while (chunk := next(self.chunks, _END)) is not _END:
            _check_chunk(chunk)
            if chunk:
                if self.left is not None:
                    self.left = max(0, self.left - len(chunk))
                return chunk
        return None

    def _join(self):
        """All that there is, at once: it is there already."""
        for chunk in self.result:
            _check_chunk(chunk)
        return b"".join(self.result) or None

    def _finish(self):
        """Content-Length is reached: what the application has still to do needs no call of its own.

        Unless it is a generator, which may do it at leisure: the response must not wait for that.
        """
        if not isinstance(self.result, GeneratorType):
            self._run_out()
            self._close()

    def _run_out(self):
        """Lets the application come to its end; what it yields past Content-Length is dropped."""
        try:
            self._next()
        except BaseException as error:
            self._log("the application failed behind its last byte", error)

    def _close(self):
        """Closes the iterable, once. Nothing can be answered any more, so that failures are logged."""
        _requests.pop(self.id, None)
        result, self.result, self.chunks = self.result, None, None
        close = getattr(result, "close", None)
        if close is not None:
            try:
                close()
            except BaseException as error:
                self._log("close() failed", error)

    def _log(self, what, error):
        self.io.log(f"dram: {what}:\\n{explain(error)[2]}")


class _Input(streams.RawIOBase):
    """The request body, pulled from the transport; io.BufferedReader makes wsgi.input of it."""

    def __init__(self, io):
        self._io = io
        self._ended = False

    def readable(self):
        return True

    def readinto(self, buffer):
        chunk = b"" if self._ended else self._io.read(len(buffer))
        self._ended = len(chunk) == 0
        buffer[: len(chunk)] = chunk
        return len(chunk)


class _Errors:
    """wsgi.errors. Lines are put together, and what is left is flushed, behind the transport."""

    def __init__(self, io):
        self._io = io

    def write(self, text):
        if not isinstance(text, str):
            raise TypeError(f"wsgi.errors was given {_kind(text)}; wanted str")
        self._io.log(text)
        return len(text)

    def writelines(self, lines):
        for line in lines:
            self.write(line)

    def flush(self):
        pass


def _check_head(status, headers):
    """The types, which JSON would not keep; the transport's gateway judges the strings."""
    if not isinstance(status, str):
        raise TypeError(f"the status is {_kind(status)}; wanted str")
    if not isinstance(headers, list):
        raise TypeError(f"the headers are {_kind(headers)}; wanted a list of tuples")
    for header in headers:
        if not (isinstance(header, tuple) and len(header) == 2):
            raise TypeError(f"the header {header!r} is {_kind(header)}; wanted (name, value)")
        for part in header:
            if not isinstance(part, str):
                raise TypeError(f"the header {header!r} holds {_kind(part)}; wanted str")


def _check_chunk(chunk):
    if not isinstance(chunk, bytes):
        raise TypeError(f"the application produced {_kind(chunk)} where bytes were wanted")


def _content_length(headers):
    for name, value in headers:
        if name.lower() == "content-length" and value.isdecimal():
            return int(value)
    return None


def _kind(value):
    return "None" if value is None else f"a {type(value).__name__}"
`;

/** host.py: what a Pyodide needs beside it. */
export const hostSource: string = `"""What CPython has and a Pyodide has not, and the way between gateway.py and JavaScript.

Imported before the application, which would else keep hold of what is replaced here. Nothing of
JavaScript is held between \`prepare\` and \`connect\`: a memory snapshot may be taken then.
"""

import asyncio
import concurrent.futures
import hashlib
import hmac
import json
import os
import random
import sys
import time

import dram_gateway as gateway
from pyodide.ffi import JsException, run_sync, to_js
from pyodide.webloop import WebLoop

# The JavaScript half: read, write, log, and node:crypto if there is one.
_host = None
# Whether a call may wait for a promise (JSPI).
_can_wait = False


class TransportError(OSError):
    """The request body, or the way to the client, has failed. Uncaught, JavaScript's own is thrown."""


def prepare(app, paths, environment, multithread, hashes, can_wait):
    """Imports the application. None, or what went wrong.

    paths: for sys.path, with NUL between them. environment: JSON, an object. hashes: what there is of
    node:crypto, until the import is over.
    """
    global _host
    set_up(paths, environment, can_wait)
    _host = hashes
    try:
        return _call(gateway.load, app, multithread)
    finally:
        _host = None


def set_up(paths, environment, can_wait):
    """What comes before the import of an application, of whatever kind."""
    global _can_wait
    _can_wait = can_wait
    for path in reversed(paths.split("\\0") if paths else []):
        if path not in sys.path:
            sys.path.insert(0, path)
    _add_utc()
    os.environ.update(json.loads(environment))


def connect(host):
    """Takes the JavaScript half."""
    global _host
    _host = host
    _unfreeze()


def _unfreeze():
    """What must differ between two interpreters that come out of one snapshot begins anew.

    os.urandom, secrets and uuid.uuid4 ask the runtime each time. The seed of hash(str) stays.
    """
    random.seed()
    tempfile, uuid = sys.modules.get("tempfile"), sys.modules.get("uuid")
    if tempfile is not None:
        tempfile._name_sequence = None
    if uuid is not None:
        uuid._node = uuid._last_timestamp = None


def begin(id, environ, body):
    """As gateway.begin. body: bytes; False for none; None if it is to be pulled."""
    if body is not None:
        body = body.to_bytes() if body else b""
    return _call(gateway.begin, id, environ, body, _Io(id))


def pull(id):
    return _call(gateway.pull, id)


def end(id):
    return _call(gateway.end, id)


def without_loop(function, *arguments):
    """Calls a function that must not see the event loop, which always runs in a Pyodide.

    Frameworks take it for a sign that they must not wait (Django's ORM does).
    """
    loop = asyncio._get_running_loop()
    asyncio._set_running_loop(None)
    try:
        return function(*arguments)
    finally:
        asyncio._set_running_loop(loop)


def _call(function, *arguments):
    """The result; for an exception (None, type, message, traceback, whether it is the transport's)."""
    try:
        result = without_loop(function, *arguments)
    except BaseException as error:
        result = (None, *gateway.explain(error), isinstance(error, TransportError))
    return to_js(result)


class _Io:
    __slots__ = ("_id",)

    def __init__(self, id):
        self._id = id

    def read(self, size):
        try:
            return run_sync(_host.read(self._id, size)).to_bytes()
        except JsException as error:
            raise TransportError(str(error)) from None

    def write(self, head, chunk):
        try:
            taken = _host.write(self._id, to_js(head), to_js(chunk))
            if _can_wait:
                run_sync(taken)
        except JsException as error:
            raise TransportError(str(error)) from None

    def log(self, text):
        _host.log(self._id, text)


class _InlineExecutor(concurrent.futures.Executor):
    """There are no threads: what is submitted is done at once."""

    def __init__(self, *arguments, **keywords):
        pass

    def submit(self, function, /, *arguments, **keywords):
        future = concurrent.futures.Future()
        future.set_running_or_notify_cancel()
        try:
            future.set_result(function(*arguments, **keywords))
        except BaseException as error:
            future.set_exception(error)
        return future


class _Loop(asyncio.BaseEventLoop):
    """Runs a coroutine where nothing can wait for JavaScript: it may sleep, and await other coroutines."""

    def __init__(self):
        super().__init__()
        self._selector = self

    def select(self, timeout):
        if timeout:
            time.sleep(timeout)

    def _process_events(self, events):
        pass

    def _write_to_self(self):
        pass


class _Running(WebLoop):
    """The loop of one asyncio.run. It takes nothing afterwards: asgiref offers it more, and waits for ever."""

    over = False

    def __init__(self):
        super().__init__()
        asyncio._set_running_loop(None)

    def is_closed(self):
        return self.over

    def call_soon_threadsafe(self, callback, *arguments, context=None):
        if self.over:
            raise RuntimeError("Event loop is closed")
        return super().call_soon_threadsafe(callback, *arguments, context=context)


def _run(main, *, debug=None, loop_factory=None):
    """asyncio.run, on JavaScript's own loop where Python can wait for that."""
    if asyncio._get_running_loop() is not None:
        main.close()
        raise RuntimeError("asyncio.run() cannot be called from a running event loop")
    if _can_wait:
        running = _Running()
        try:
            return run_sync(running.create_task(main))
        finally:
            running.over = True
    loop = _Loop()
    try:
        return loop.run_until_complete(main)
    finally:
        loop.close()


def _run_in_executor(loop, executor, function, *arguments):
    """Synchronous code of an asynchronous one is done at once: there is no thread for it."""
    future = loop.create_future()
    try:
        future.set_result(without_loop(function, *arguments))
    except BaseException as error:
        future.set_exception(error)
    return future


def _pbkdf2_hmac(hash_name, password, salt, iterations, dklen=None):
    length = hashlib.new(hash_name).digest_size if dklen is None else dklen
    pbkdf2 = getattr(_host, "pbkdf2", None)
    if pbkdf2 is not None:
        password, salt = to_js(bytes(password)), to_js(bytes(salt))
        return pbkdf2(password, salt, iterations, length, hash_name).to_bytes()
    keyed = hmac.new(password, digestmod=hash_name)

    def digest(message):
        step = keyed.copy()
        step.update(message)
        return step.digest()

    key = b""
    block = 0
    while len(key) < length:
        block += 1
        step = digest(bytes(salt) + block.to_bytes(4, "big"))
        total = int.from_bytes(step, "big")
        for _ in range(iterations - 1):
            step = digest(step)
            total ^= int.from_bytes(step, "big")
        key += total.to_bytes(len(step), "big")
    return key[:length]


def _scrypt(password, *, salt, n, r, p, maxmem=0, dklen=64):
    scrypt = getattr(_host, "scrypt", None)
    if scrypt is None:
        raise NotImplementedError("hashlib.scrypt needs node:crypto beside Pyodide")
    password, salt = to_js(bytes(password)), to_js(bytes(salt))
    return scrypt(password, salt, dklen, n, r, p, maxmem or 32 * 1024 * 1024).to_bytes()


def _add_utc():
    """The one time zone that every application may ask for; others are for files or tzdata to add."""
    # RFC 9636: the header with one type and four characters, the type, its name.
    counts = b"".join(count.to_bytes(4, "big") for count in (0, 0, 0, 0, 1, 4))
    zone = b"TZif" + bytes(16) + counts + bytes(6) + b"UTC\\0"
    # Not in /usr/share/zoneinfo: where that is, Django believes it to hold every zone.
    os.makedirs("/usr/lib/zoneinfo/Etc", exist_ok=True)
    for name in ("UTC", "Etc/UTC"):
        with open(f"/usr/lib/zoneinfo/{name}", "wb") as file:
            file.write(zone)


asyncio.run = _run
WebLoop.run_in_executor = _Loop.run_in_executor = _run_in_executor
concurrent.futures.ThreadPoolExecutor = _InlineExecutor
if not hasattr(hashlib, "pbkdf2_hmac"):
    hashlib.pbkdf2_hmac = _pbkdf2_hmac
if not hasattr(hashlib, "scrypt"):
    hashlib.scrypt = _scrypt
`;

/** Of both: another text has another one. */
export const sourceId: string = "cd8a2cd98fa742aa";
