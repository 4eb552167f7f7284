"""A Starlette application: a lifespan, forms, JSON, streams, a WebSocket."""

import asyncio
import contextlib
import os
import time

from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute

# What the application has noted since it was last asked.
notes = []


@contextlib.asynccontextmanager
async def lifespan(app):
    yield {"greeting": "from the lifespan"}
    print("shut down")


async def state(request):
    return PlainTextResponse(request.state.greeting)


async def show(request):
    scope = request.scope
    return JSONResponse(
        {
            "method": request.method,
            "url": str(request.url),
            "path": scope["path"],
            "raw_path": scope["raw_path"].decode("latin-1"),
            "root_path": scope["root_path"],
            "query": dict(request.query_params),
            "header": request.headers.get("x-name"),
            "raw": [value.hex() for name, value in request.scope["headers"] if name == b"x-name"],
            "client": request.client.host,
        }
    )


async def body(request):
    """What has come, as soon as it has."""

    async def parts():
        async for part in request.stream():
            if part:
                yield part

    return StreamingResponse(parts(), media_type="application/octet-stream")


async def form(request):
    async with request.form() as form:
        return JSONResponse({name: value if isinstance(value, str) else value.filename for name, value in form.items()})


async def length(request):
    total = 0
    async for part in request.stream():
        total += len(part)
    return PlainTextResponse(str(total))


async def large(request):
    return Response(bytes(range(256)) * 12288)


async def stream(request):
    async def parts():
        for number in range(3):
            yield f"{number}\n"
            await asyncio.sleep(0.01)

    return StreamingResponse(parts())


class NotedResponse(StreamingResponse):
    async def __call__(self, scope, receive, send):
        try:
            await super().__call__(scope, receive, send)
        finally:
            notes.append("closed")


async def endless(request):
    async def parts():
        while True:
            yield b"x" * 65536

    return NotedResponse(parts())


async def background(request):
    return PlainTextResponse("sent", background=BackgroundTask(notes.append, "done"))


def sync(request):
    time.sleep(0.01)
    return PlainTextResponse("from a function")


async def noted(request):
    found = list(notes)
    notes.clear()
    return JSONResponse(found)


async def fail(request):
    raise ZeroDivisionError("on purpose")


async def wait(request):
    """Answers when the client has left."""
    notes.append("waiting")
    message = await request.receive()
    while message["type"] != "http.disconnect":
        message = await request.receive()
    notes.append("left")


async def die(request):
    os.kill(os.getpid(), 9)


async def echo(websocket):
    if websocket.query_params.get("deny"):
        await websocket.send_denial_response(PlainTextResponse("not you", status_code=401))
        return
    await websocket.accept(subprotocol=next(iter(websocket.scope["subprotocols"]), None))
    await websocket.send_json({"greeting": websocket.state.greeting})
    while True:
        message = await websocket.receive()
        if message["type"] == "websocket.disconnect":
            notes.append(f"disconnect {message['code']}")
            return
        if message.get("text") == "close":
            await websocket.close(4000, "as asked")
            return
        if message.get("text") is not None:
            await websocket.send_text(message["text"])
        else:
            await websocket.send_bytes(message["bytes"])


HTTP = (state, show, body, form, length, large, stream, endless, background, sync, noted, fail, wait, die)

app = Starlette(
    routes=[
        *(
            Route(f"/{view.__name__}", view, methods=["GET", "POST"])
            for view in HTTP
        ),
        WebSocketRoute("/echo", echo),
    ],
    lifespan=lifespan,
)
