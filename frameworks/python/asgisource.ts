// Written by `npm run python:source` from the .py files beside it. Do not edit.

/** asgi.py: runs an ASGI application, for every transport. */
export const asgiSource: string = `"""ASGI applications, driven from outside: for a worker process on a socket, and for a Pyodide.

    load("module:attribute")      once
    await startup()               the application's lifespan, if it has one; raises if it fails
    await run(scope, io)          one call of the application
    await shutdown()              the end of the lifespan

\`io\` is the other half of a call; bytes that are no body are strings of U+0000 to U+00FF there:

    await io.receive()            (head, content): JSON, [event, key], and the bytes for this key of it
    await io.send(head, content)  the same; returns when the event is taken

Of each, one is on its way at a time. An application may cancel what waits for it: an event that has
been asked for comes all the same, and is the next one's.
"""

import asyncio
import json

import dram_gateway as gateway

# Bytes of a body that one event carries.
_PART = 1_048_576
_VERSIONS = {"version": "3.0", "spec_version": "2.0"}

_application = None
_lifespan = None


def load(app):
    """Imports \`module:attribute\`, as gateway.py has it."""
    global _application
    _application = gateway.find(app, "an ASGI")


async def startup():
    """Runs the lifespan until its startup is complete. An application that raises for it has none."""
    global _lifespan
    _lifespan = _Lifespan()
    await _lifespan.startup()


async def shutdown():
    await _lifespan.shutdown()


async def run(scope, io):
    """Calls the application.

    scope: JSON, an object. What the lifespan has left in its state is the scope's, as a copy.
    """

    call = _Call(io)
    await _application(_decode(scope), call.receive, call.send)


class _Call:
    def __init__(self, io):
        self._io = io
        self._receiving = asyncio.Lock()
        self._sending = asyncio.Lock()
        self._event = None
        self._sent = None

    async def receive(self):
        async with self._receiving:
            if self._event is None:
                self._event = asyncio.ensure_future(self._io.receive())
            try:
                head, content = await asyncio.shield(self._event)
            except Exception:
                self._event = None
                raise
            # Not where this was cancelled, even if the event had come.
            self._event = None
        event, key = json.loads(head)
        if key:
            event[key] = content
        return event

    async def send(self, event):
        for part in _parts(event):
            async with self._sending:
                if self._sent is not None:
                    await asyncio.wait((self._sent,))
                self._sent = asyncio.ensure_future(self._io.send(*_encode(part)))
                try:
                    await asyncio.shield(self._sent)
                finally:
                    if self._sent.done():
                        # Its exception holds all that the application has in hand, and would by this for ever.
                        self._sent = None


class _Lifespan:
    def __init__(self):
        self.state = {}
        self._asked = asyncio.Queue()
        self._answers = asyncio.Queue()
        self._task = None

    async def startup(self):
        scope = {"type": "lifespan", "asgi": _VERSIONS, "state": self.state}
        self._task = asyncio.ensure_future(_application(scope, self._asked.get, self._answers.put))
        try:
            await self._ask("startup")
        except _Ended:
            self.state = None

    async def shutdown(self):
        if self.state is not None and not self._task.done():
            try:
                await self._ask("shutdown")
            except _Ended:
                # With an error of its own, as the case may be.
                await self._task

    async def _ask(self, step):
        self._asked.put_nowait({"type": f"lifespan.{step}"})
        answer = asyncio.ensure_future(self._answers.get())
        await asyncio.wait((answer, self._task), return_when=asyncio.FIRST_COMPLETED)
        if not answer.done():
            answer.cancel()
            raise _Ended
        event = answer.result()
        if event["type"] != f"lifespan.{step}.complete":
            raise RuntimeError(f"the {step} of the application failed: {event.get('message', '')}")


class _Ended(Exception):
    """The application has returned or raised without an answer."""


def _decode(scope):
    scope = json.loads(scope)
    for key in ("raw_path", "query_string"):
        if scope.get(key) is not None:
            scope[key] = scope[key].encode("latin-1")
    scope["headers"] = [tuple(part.encode("latin-1") for part in pair) for pair in scope["headers"]]
    for key in ("client", "server"):
        if scope.get(key) is not None:
            scope[key] = tuple(scope[key])
    if _lifespan is not None and _lifespan.state is not None:
        scope["state"] = _lifespan.state.copy()
    return scope


def _parts(event):
    """A body in as many events as it needs for none to be too large."""
    body = event.get("body")
    if not event["type"].endswith(".body") or body is None or len(body) <= _PART:
        return [event]
    starts = range(0, len(body), _PART)
    return [
        {**event, "body": body[at : at + _PART], "more_body": at != starts[-1] or event.get("more_body", False)}
        for at in starts
    ]


def _encode(event):
    """JSON, [event, key], and the bytes that belong at the key."""
    event = dict(event)
    key = next((key for key in ("body", "bytes") if event.get(key) is not None), None)
    content = b"" if key is None else bytes(event.pop(key))
    if "headers" in event:
        event["headers"] = [[_text(part) for part in pair] for pair in event["headers"]]
    if "links" in event:
        event["links"] = [_text(link) for link in event["links"]]
    return json.dumps((event, key)), content


def _text(value):
    return bytes(value).decode("latin-1")
`;

/** asgihost.py: the same in a Pyodide. */
export const asgiHostSource: string = `"""The way between asgi.py and JavaScript, in a Pyodide. Its loop always runs: nothing has to be suspended."""

import asyncio
import sys

import dram_asgi as asgi
import dram_gateway as gateway
import dram_host as host
from pyodide.ffi import JsException, to_js

# The JavaScript half: receive, send, and ended, which is told how a call has ended.
_javascript = None
# Of the loop, which itself keeps no hold of them.
_tasks = set()


def start(javascript, app, paths, environment):
    """Imports the application and runs its startup; the number of this call is 0."""
    global _javascript
    _javascript = javascript
    host.set_up(paths, environment, False)
    host.connect(javascript)
    # What the loop of CPython has: a generator that nobody iterates any more comes to its end.
    sys.set_asyncgen_hooks(finalizer=lambda generator: _keep(generator.aclose()))
    _do(0, _start(app))


def stop():
    """Runs the shutdown; the number is 0."""
    _do(0, asgi.shutdown())


def run(id, scope):
    """Calls the application."""
    _do(id, asgi.run(scope, _Io(id)))


def _do(id, coroutine):
    _keep(_tell(id, coroutine))


def _keep(coroutine):
    task = asyncio.ensure_future(coroutine)
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)


async def _tell(id, coroutine):
    try:
        await coroutine
    except BaseException as error:
        raised = (None, *gateway.explain(error), isinstance(error, host.TransportError))
        _javascript.ended(id, to_js(raised))
    else:
        _javascript.ended(id)


async def _start(app):
    asgi.load(app)
    if "anyio" in sys.modules:
        import anyio.to_thread

        anyio.to_thread.run_sync = _run_sync
    await asgi.startup()


async def _run_sync(function, *arguments, **options):
    """There are no threads."""
    return host.without_loop(function, *arguments)


class _Io:
    """What asgi.py asks for."""

    def __init__(self, id):
        self._id = id

    async def receive(self):
        try:
            head, content = await _javascript.receive(self._id)
        except JsException as error:
            raise host.TransportError(str(error)) from None
        return head, content.to_bytes()

    async def send(self, head, content):
        try:
            await _javascript.send(self._id, head, to_js(content))
        except JsException as error:
            raise host.TransportError(str(error)) from None
`;
