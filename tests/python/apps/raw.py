"""An ASGI application without a framework."""

import asyncio

seen = []


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await lifespan(scope, receive, send)
    elif scope["type"] == "websocket":
        await websocket(scope, receive, send)
    else:
        await PATHS[scope["path"]](scope, receive, send)


async def lifespan(scope, receive, send):
    assert (await receive())["type"] == "lifespan.startup"
    scope["state"]["started"] = "yes"
    await send({"type": "lifespan.startup.complete"})
    assert (await receive())["type"] == "lifespan.shutdown"
    seen.append("shut down")
    await send({"type": "lifespan.shutdown.complete"})


async def answer(send, text):
    await send(
        {"type": "http.response.start", "status": 200, "headers": [(b"x-byte", b"\xe9")]}
    )
    await send({"type": "http.response.body", "body": text.encode()})


async def show(scope, receive, send):
    """The types that ASGI names."""
    found = {key: type(value).__name__ for key, value in scope.items()}
    found["header"] = sorted({type(part).__name__ for pair in scope["headers"] for part in pair})
    found["extensions"] = sorted(scope["extensions"])
    await answer(send, str([scope["state"], found]))


async def count(scope, receive, send):
    size, parts, more = 0, 0, True
    while more:
        event = await receive()
        assert isinstance(event["body"], bytes)
        size, parts, more = size + len(event["body"]), parts + 1, event["more_body"]
    await answer(send, str(size))


async def stream(scope, receive, send):
    await send({"type": "http.response.start", "status": 201, "headers": []})
    for part in (b"one ", b"two ", b"three"):
        await send({"type": "http.response.body", "body": part, "more_body": True})
        await asyncio.sleep(0.005)
    await send({"type": "http.response.body"})
    await asyncio.sleep(0.005)
    seen.append("worked behind")


async def wait(scope, receive, send):
    await receive()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"wait", "more_body": True})
    seen.append((await receive())["type"])
    try:
        await send({"type": "http.response.body", "body": b"more"})
    except OSError as error:
        seen.append(type(error).__name__)
        raise


async def fail(scope, receive, send):
    raise LookupError("no such path")


async def report(scope, receive, send):
    found, seen[:] = list(seen), []
    await answer(send, str(found))


async def websocket(scope, receive, send):
    assert (await receive())["type"] == "websocket.connect"
    await send({"type": "websocket.accept", "subprotocol": scope["subprotocols"][0]})
    while True:
        event = await receive()
        if event["type"] == "websocket.disconnect":
            seen.append(f"left with {event['code']}")
            return
        if event.get("text") is not None:
            await send({"type": "websocket.send", "text": event["text"].upper()})
        else:
            await send({"type": "websocket.send", "bytes": event["bytes"][::-1]})


PATHS = {
    "/show": show,
    "/count": count,
    "/stream": stream,
    "/wait": wait,
    "/fail": fail,
    "/report": report,
}
