"""ASGI applications, on the event loop that a Pyodide always has: it needs not wait for anything.

Events cross as they are, with bytes in them; of the scope, what JSON can say, with bytes as strings
of U+0000 to U+00FF.
"""

import asyncio
import importlib.util
import json

import dram_gateway as gateway
from dram_host import TransportError, without_loop
from pyodide.ffi import JsException, to_js

# The JavaScript half: receive, send and done of each call; object makes one of pairs.
_host = None
# scope["state"] of the lifespan, of which every request has a copy.
_state = {}
# The loop keeps only weak references.
_tasks = set()


def connect(host):
    """Takes the JavaScript half."""
    global _host
    _host = host


def call(id, scope):
    """Calls the application; host.done is told when it has returned, or what it has raised."""
    task = asyncio.ensure_future(_call(id, _from_json(json.loads(scope))))
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)


async def _call(id, scope):
    async def receive():
        try:
            event = await _host.receive(id)
        except JsException as error:
            raise TransportError(str(error)) from None
        return {key: _from_js(value) for key, value in event}

    async def send(event):
        try:
            await _host.send(id, to_js(event, dict_converter=_host.object))
        except JsException as error:
            raise TransportError(str(error)) from None

    try:
        await gateway.application(scope, receive, send)
    except BaseException as error:
        _host.done(id, to_js((None, *gateway.explain(error), isinstance(error, TransportError))))
    else:
        _host.done(id, None)


def _from_js(value):
    return value.to_bytes() if hasattr(value, "to_bytes") and not isinstance(value, int) else value


def _from_json(scope):
    global _state
    for key in ("query_string", "raw_path"):
        if key in scope:
            scope[key] = scope[key].encode("latin-1")
    for key in ("client", "server"):
        if scope.get(key) is not None:
            scope[key] = tuple(scope[key])
    if "headers" in scope:
        scope["headers"] = [
            (name.encode("latin-1"), value.encode("latin-1")) for name, value in scope["headers"]
        ]
    if "state" in scope:
        if scope["type"] == "lifespan":
            _state = {}
            scope["state"] = _state
        else:
            scope["state"] = dict(_state)
    return scope


async def _run_sync(function, *arguments, **options):
    return without_loop(function, *arguments)


# There are no threads for what frameworks run in one: synchronous endpoints, files.
if importlib.util.find_spec("anyio") is not None:
    import anyio.to_thread

    anyio.to_thread.run_sync = _run_sync
