"""The pinboard of examples/flask, and what a pinboard has no use for."""

import hashlib
import time

from app import app
from flask import Response, jsonify, make_response, redirect, request, session, stream_with_context, url_for

closed: list[str] = []


@app.route("/more/digest", methods=["POST", "PUT"])
def digest():
    body = hashlib.sha256()
    size = 0
    while chunk := request.stream.read(65536):
        body.update(chunk)
        size += len(chunk)
    return jsonify(size=size, sha256=body.hexdigest())


@app.post("/more/small")
def small():
    request.max_content_length = 1000
    return jsonify(size=len(request.get_data()))


@app.get("/more/urls")
def urls():
    return jsonify(
        inside=url_for("board"),
        outside=url_for("board", _external=True),
        base=request.base_url,
        root=request.script_root,
        full=request.full_path,
        secure=request.is_secure,
    )


@app.get("/more/arguments")
def arguments():
    return jsonify(request.args.to_dict(flat=False))


@app.get("/more/path/<path:rest>")
def path(rest):
    return jsonify(rest)


@app.get("/more/folder/")
def folder():
    return "folder"


@app.get("/more/cookies")
def cookies():
    response = make_response(jsonify(request.cookies))
    response.set_cookie("a", "1, 2")
    response.set_cookie("b", "3", httponly=True, path="/b")
    return response


@app.get("/more/status/<int:code>")
def status(code):
    return "", code


@app.get("/more/reason")
def reason():
    return Response("", status="299 Rather Fine")


@app.get("/more/headers")
def headers():
    response = jsonify(sent=request.headers.get("X-Sent"), twice=request.headers.get("X-Twice"))
    response.headers["X-Latin"] = "caf\xe9"
    response.headers.add("Link", "<a>; rel=x")
    response.headers.add("Link", "<b>; rel=y")
    return response


@app.get("/more/whoami")
def whoami():
    """Sessions, `request` and `g` are of one request, however many wait."""
    name = request.args["name"]
    session["name"] = name
    time.sleep(0.02)
    return f"{session['name']} {request.args['name']}"


@app.get("/more/slowly")
def slowly():
    @stream_with_context
    def pieces():
        try:
            for number in range(int(request.args.get("pieces", 3))):
                yield f"{number}\n"
                time.sleep(0.1)
        finally:
            closed.append(request.args.get("name", ""))

    return pieces(), {"Content-Type": "text/plain"}


@app.get("/more/closed")
def list_closed():
    return jsonify(closed)


@app.get("/more/breaks")
def breaks():
    def pieces():
        yield "the first piece\n"
        raise RuntimeError("the second piece is missing")

    return pieces(), {"Content-Type": "text/plain"}


@app.get("/more/fails")
def fails():
    raise RuntimeError("a view of the tests fails")


@app.get("/more/away")
def away():
    return redirect("https://example.com/\u00e4?q=1")
