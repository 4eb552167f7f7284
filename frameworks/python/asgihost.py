"""The way between asgi.py and JavaScript, in a Pyodide. Its loop always runs: nothing has to be suspended."""

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
