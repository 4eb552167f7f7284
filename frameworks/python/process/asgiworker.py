"""A worker of dram for an ASGI application: one event loop, and as many calls in it as there are.

Frames are those of worker.py, but each side sends when it has something to send: a call asks for
events (R) and is given them (V); it sends events (W), each of which is taken (A) or refused (F).
"""

import asyncio
import os
import socket

import dram_asgi as asgi
import dram_worker as worker


def serve(app, threads):
    """Serves until the socket ends, and shuts the application down."""
    worker.obey_parent()
    asyncio.run(_serve(app))


async def _serve(app):
    input, output = await asyncio.open_connection(sock=socket.socket(fileno=3))

    def send(kind, id, content=b""):
        output.write(worker.HEADER.pack(kind, id, len(content)) + content)

    try:
        asgi.load(app)
        await asgi.startup()
    except BaseException as error:
        send(b"U", 0, worker.explain(error))
        await output.drain()
        return
    send(b"O", 0)
    calls = {}
    tasks = set()
    while (frame := await _receive(input)) is not None:
        kind, id, content = frame
        if kind == b"Q":
            calls[id] = _Call(id, send)
            task = asyncio.ensure_future(_run(calls, id, content, send))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
        elif id in calls:
            calls[id].take(kind, content)
    if tasks:
        # The parent ends a worker that has nothing to do: it is no more.
        os._exit(0)
    await asgi.shutdown()


async def _receive(input):
    try:
        kind, id, length = worker.HEADER.unpack(await input.readexactly(worker.HEADER.size))
        return kind, id, await input.readexactly(length)
    except (asyncio.IncompleteReadError, ConnectionError):
        return None


async def _run(calls, id, content, send):
    call = calls[id]
    try:
        await asgi.run(worker.unpack(content)[0], call)
        send(b"Z", id)
    except BaseException as error:
        send(b"X", id, b"" if error is call.failure else worker.explain(error))
    finally:
        del calls[id]


class _Call:
    """What asgi.py asks for: futures, which frames complete."""

    def __init__(self, id, send):
        self.failure = None
        self._id = id
        self._send = send
        self._event = None
        self._taken = None

    def receive(self):
        self._event = asyncio.get_running_loop().create_future()
        self._send(b"R", self._id)
        return self._event

    def send(self, head, content):
        self._taken = asyncio.get_running_loop().create_future()
        self._send(b"W", self._id, worker.pack(head, content))
        return self._taken

    def take(self, kind, content):
        if kind == b"V":
            self._event.set_result(worker.unpack(content))
        elif kind == b"A":
            self._taken.set_result(None)
        else:
            self.failure = OSError(content.decode())
            waiting = self._taken if kind == b"F" else self._event
            waiting.set_exception(self.failure)
