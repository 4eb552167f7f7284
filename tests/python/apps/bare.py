"""ASGI applications of no framework."""

import asyncio


async def failed(scope, receive, send):
    await receive()
    await send({"type": "lifespan.startup.failed", "message": "no database"})


async def plain(scope, receive, send):
    if scope["type"] != "http":
        raise RuntimeError("unknown scope")
    body = b"no state" if "state" not in scope else b"state"
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body})


async def reading(scope, receive, send):
    while (await receive())["more_body"]:
        pass


async def impatient(scope, receive, send):
    """Gives up waiting for an event again and again; none of them is lost."""
    body, more, patience = b"", True, 0.001
    while more:
        try:
            event = await asyncio.wait_for(receive(), patience)
            body, more = body + event["body"], event["more_body"]
        except asyncio.TimeoutError:
            patience *= 1.5
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body})
