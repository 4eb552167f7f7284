// Written by `npm run python:source` from the .py files beside it. Do not edit.

/** worker.py: gateway.py at the other end of a socket. */
export const workerSource: string = `"""A worker of dram: serves a WSGI application to the process that has started it.

What is asked and answered are frames on descriptor 3, a socket (frames.ts tells their types). Of one
request, one side waits for the other: the worker is asked for a response, for a chunk, for the end;
while it makes them, it asks for parts of the body and has its writes taken. So back-pressure needs
nothing of its own.

The end of the socket is the end of the worker: there is nobody left to serve.
"""

import ctypes
import json
import os
import queue
import signal
import socket
import struct
import sys
import threading

import dram_gateway as gateway

HEADER = struct.Struct("!cII")
_NUMBER = struct.Struct("!I")
_READ_SIZE = 65536
# Bytes of a chunk that one frame carries.
_PIECE = 262_144


def serve(app, threads):
    """Serves until the socket ends."""
    obey_parent()
    line = _Line(socket.socket(fileno=3))
    if not _load(app, threads, line):
        return
    line.send(b"O", 0)
    if threads == 1:
        _serve_serially(line)
    else:
        _serve_in_threads(line, threads)


def obey_parent():
    """The parent says when to end."""
    # A terminal and a service manager signal a whole group of processes, whatever is in flight.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.set_inheritable(3, False)
    if sys.platform == "linux":
        # For one that is killed while the application is too busy to see the end of the socket.
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def _load(app, threads, line):
    try:
        gateway.load(app, threads > 1)
    except BaseException as error:
        line.send(b"U", 0, explain(error))
        return False
    return True


def _serve_serially(line):
    def receive():
        frame = line.receive()
        if frame is None:
            os._exit(0)
        return frame[0], frame[2]

    while (frame := line.receive()) is not None:
        _answer(line, frame, receive)


def _serve_in_threads(line, threads):
    requests = queue.SimpleQueue()
    # What comes for each request.
    letters = {}

    def work():
        while True:
            frame = requests.get()
            _answer(line, frame, letters[frame[1]].get)
            del letters[frame[1]]

    for _ in range(threads):
        threading.Thread(target=work, daemon=True).start()
    while (frame := line.receive()) is not None:
        kind, id, content = frame
        if kind in b"QS":
            letters[id] = queue.SimpleQueue()
            requests.put(frame)
        else:
            letters[id].put((kind, content))


def _answer(line, frame, receive):
    """Answers one request: its first frame, and all that are received for it."""
    kind, id, content = frame
    io = _Io(line, id, receive)
    try:
        environ, body = unpack(content)
        head = gateway.begin(id, environ, body if kind == b"Q" else None, io)
        _respond(line, id, head, receive)
    except BaseException as error:
        if error is io.failure:
            # What the parent has told, and knows more of.
            line.send(b"X", id)
            return
        line.send(b"X", id, explain(error))


def _respond(line, id, head, receive):
    status, headers, chunk, done = head
    pieces = _pieces(id, chunk, done)
    first = next(pieces, b"")
    complete = done and len(first) == len(chunk or b"")
    line.send(b"H", id, pack(json.dumps((status, headers, complete)), first))
    while not complete:
        kind, _ = receive()
        piece = next(pieces, None) if kind == b"N" else gateway.end(id)
        if piece is None:
            line.send(b"Z", id)
            return
        line.send(b"B", id, piece)


def _pieces(id, chunk, done):
    """The body as frames carry it."""
    while chunk is not None:
        for at in range(0, len(chunk), _PIECE):
            yield memoryview(chunk)[at : at + _PIECE]
        chunk = None if done else gateway.pull(id)


class _Io:
    """What gateway.py asks for."""

    def __init__(self, line, id, receive):
        self.failure = None
        self._line = line
        self._id = id
        self._receive = receive

    def read(self, size):
        self._line.send(b"R", self._id, _NUMBER.pack(size))
        return self._answer()

    def write(self, head, chunk):
        for at in range(0, max(len(chunk), 1), _PIECE):
            self._line.send(b"W", self._id, pack(json.dumps(head), chunk[at : at + _PIECE]))
            self._answer()
            head = None

    def log(self, text):
        self._line.send(b"E", self._id, text.encode(errors="replace"))

    def _answer(self):
        kind, content = self._receive()
        if kind == b"F":
            self.failure = OSError(content.decode())
            raise self.failure
        return content


class _Line:
    """Frames on a socket."""

    def __init__(self, connection):
        self._connection = connection
        self._input = connection.makefile("rb", _READ_SIZE)
        self._sending = threading.Lock()

    def receive(self):
        """The next (type, request, content), None at the end."""
        header = self._input.read(HEADER.size)
        if len(header) < HEADER.size:
            return None
        kind, id, length = HEADER.unpack(header)
        return kind, id, self._input.read(length)

    def send(self, kind, id, content=b""):
        frame = b"".join((HEADER.pack(kind, id, len(content)), content))
        try:
            with self._sending:
                self._connection.sendall(frame)
        except OSError:
            os._exit(0)


def explain(error):
    """Type, message and traceback, which begins in the application."""
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_globals["__name__"].startswith("dram_"):
        trace = trace.tb_next
    return json.dumps(gateway.explain(error.with_traceback(trace))).encode()


def pack(text, content):
    """A parcel: a length, a text, and bytes."""
    encoded = text.encode()
    return b"".join((_NUMBER.pack(len(encoded)), encoded, content))


def unpack(parcel):
    """The text, encoded, and the bytes."""
    end = _NUMBER.size + _NUMBER.unpack_from(parcel)[0]
    return parcel[_NUMBER.size : end], parcel[end:]
`;

/** asgiworker.py: asgi.py at the other end of a socket. */
export const asgiWorkerSource: string = `"""A worker of dram for an ASGI application: one event loop, and as many calls in it as there are.

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
`;
