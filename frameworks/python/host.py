"""What CPython has and a Pyodide has not, and the way between gateway.py and JavaScript.

Imported before the application, which would else keep hold of what is replaced here. Nothing of
JavaScript is held between `prepare` and `connect`: a memory snapshot may be taken then.
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
    for path in reversed(paths.split("\0") if paths else []):
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
    zone = b"TZif" + bytes(16) + counts + bytes(6) + b"UTC\0"
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
