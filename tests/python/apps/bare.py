"""ASGI applications of no framework."""


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
