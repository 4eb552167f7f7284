"""A Starlette application."""

import contextlib

from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.responses import JSONResponse, PlainTextResponse, StreamingResponse
from starlette.routing import Route, WebSocketRoute

done = []


@contextlib.asynccontextmanager
async def lifespan(app):
    yield {"pool": "open"}


async def home(request):
    return JSONResponse({"pool": request.state.pool, "query": dict(request.query_params)})


def plain(request):
    """In a thread, elsewhere."""
    return PlainTextResponse("plain")


async def echo(request):
    body = b"".join([chunk async for chunk in request.stream()])
    return PlainTextResponse(str(len(body)))


async def stream(request):
    async def chunks():
        for index in range(3):
            yield f"{index} "

    return StreamingResponse(chunks(), background=BackgroundTask(done.append, "background"))


async def report(request):
    return JSONResponse(done)


async def socket(websocket):
    await websocket.accept()
    async for text in websocket.iter_text():
        await websocket.send_text(f"echo {text}")


app = Starlette(
    routes=[
        Route("/", home),
        Route("/plain", plain),
        Route("/echo", echo, methods=["POST"]),
        Route("/stream", stream),
        Route("/report", report),
        WebSocketRoute("/socket", socket),
    ],
    lifespan=lifespan,
)
