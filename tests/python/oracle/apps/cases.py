"""What gateways for Python have got wrong, each on a path of its own; Flask where it is Flask's."""

import sys

from flask import Flask, g, request, session, stream_with_context, url_for

app = Flask(__name__)
app.secret_key = "of a test"


@app.get("/context")
def context():
    """Every chunk is made in the context of the request, not the first one alone."""
    g.word = request.args["word"]
    session["word"] = g.word

    @stream_with_context
    def chunks():
        for index in range(4):
            yield f"{index} {request.args['word']} {g.word} {session['word']}\n"

    return app.response_class(chunks(), mimetype="text/plain")


@app.get("/urls/<path:rest>")
def urls(rest):
    return {
        "script_root": request.script_root,
        "path": request.path,
        "url_for": url_for("urls", rest=rest),
        "external": url_for("context", _external=True),
    }


@app.get("/client")
def client():
    return {"remote_addr": request.remote_addr}


def plain(environ, start_response):
    return PATHS[environ["PATH_INFO"].split("/")[1]](environ, start_response)


def error_page(environ, start_response):
    """The way of every debugger middleware: the error comes, and nothing of the page is out."""
    start_response("200 OK", [("Content-Type", "text/html"), ("Content-Length", "9999")])
    try:
        raise LookupError("of the application")
    except LookupError as error:
        page = f"an error page: {error}".encode()
        length = ("Content-Length", str(len(page)))
        start_response("500 Oh no", [("Content-Type", "text/plain"), length], sys.exc_info())
    return [page]


def path(environ, start_response):
    start_response("200 OK", [("Content-Type", "application/octet-stream")])
    return [environ["PATH_INFO"].encode("latin-1")]


def echo(environ, start_response):
    """Each five bytes are answered before the next ones are read."""
    start_response("200 OK", [("Content-Type", "application/octet-stream")])
    yield b"begun;"
    while piece := environ["wsgi.input"].read(5):
        yield b"[" + piece + b"]"


def write(environ, start_response):
    """The client has what is written before the application goes on."""
    send = start_response("200 OK", [("Content-Type", "text/plain")])
    send(b"written;")
    return [b"read " + environ["wsgi.input"].read()]


def repeated(environ, start_response):
    headers = [("Content-Type", "text/plain")]
    headers += [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2, 3"), ("X-Many", "1"), ("X-Many", "2")]
    start_response("200 OK", headers)
    return [b"repeated"]


PATHS = {
    "echo": echo,
    "error-page": error_page,
    "path": path,
    "repeated": repeated,
    "write": write,
}
