"""A pinboard, as anybody writes one with Flask: nothing here knows of dram."""

import os
import platform
import sys
from dataclasses import asdict, dataclass
from hashlib import sha256
from importlib.metadata import version
from io import BytesIO

from flask import (
    Flask,
    abort,
    flash,
    jsonify,
    redirect,
    render_template,
    request,
    send_file,
    session,
    stream_with_context,
    url_for,
)
from werkzeug.exceptions import HTTPException

app = Flask(__name__)
app.config.update(
    # Whoever knows it can write sessions of their own.
    SECRET_KEY=os.environ.get("SECRET_KEY") or "for development only",
    MAX_CONTENT_LENGTH=4 * 1024 * 1024,
    SESSION_COOKIE_SAMESITE="Lax",
)


@dataclass
class Note:
    number: int
    name: str
    words: str


@dataclass
class Picture:
    type: str
    content: bytes


# In the memory of this interpreter, and only as long as it lives. Others have boards of their own.
notes = [Note(1, "Ada", "The first note.")]
pictures: dict[str, Picture] = {}
MOST_NOTES = 100
MOST_PICTURES = 12


@app.context_processor
def about():
    return {
        "flask": version("flask"),
        "python": platform.python_version(),
        "platform": sys.platform,
        "server": request.environ["SERVER_SOFTWARE"],
    }


@app.get("/")
def board():
    return render_template("board.html", notes=notes, pictures=pictures)


@app.post("/")
def pin():
    name = request.form.get("name", "").strip()
    words = request.form.get("words", "").strip()
    if not name or not words:
        flash("A name and some words, please.")
        return render_template("board.html", notes=notes, pictures=pictures), 422
    session["name"] = name
    add(name, words)
    flash("It is on the board.")
    return redirect(url_for("board"), 303)


@app.get("/notes.json")
def list_notes():
    return jsonify([asdict(note) for note in notes])


@app.post("/notes.json")
def post_note():
    sent = request.get_json()
    if not isinstance(sent, dict) or not all(
        isinstance(sent.get(key), str) and sent[key].strip() for key in ("name", "words")
    ):
        abort(422, "name and words are texts, and not empty")
    note = add(sent["name"].strip(), sent["words"].strip())
    return asdict(note), 201, {"Location": url_for("show", number=note.number)}


@app.get("/notes/<int:number>")
def show(number: int):
    note = next((note for note in notes if note.number == number), None)
    if note is None:
        abort(404, "This note is not on the board.")
    return render_template("note.html", note=note)


@app.post("/pictures")
def upload():
    file = request.files.get("picture")
    if file is None or not file.filename or not file.mimetype.startswith("image/"):
        flash("A picture, please.")
        return render_template("board.html", notes=notes, pictures=pictures), 422
    # No disk has it by this name: it is that of an address, and of the file that a visitor saves.
    pictures[file.filename] = Picture(file.mimetype, file.read())
    while len(pictures) > MOST_PICTURES:
        del pictures[next(iter(pictures))]
    return redirect(url_for("board"), 303)


@app.get("/pictures/<name>")
def picture(name: str):
    found = pictures.get(name)
    if found is None:
        abort(404, "This picture is not on the board.")
    etag = sha256(found.content).hexdigest()
    response = send_file(BytesIO(found.content), found.type, download_name=name, etag=etag)
    # A picture may be a document, too: SVG. Not with scripts in it.
    response.headers["Content-Security-Policy"] = "sandbox"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@app.get("/poem")
def poem():
    @stream_with_context
    def lines():
        # Both belong to the request, which is over for Flask when the first line leaves.
        name = session.get("name", "stranger")
        for number in range(int(request.args.get("lines", 3))):
            yield f"{number + 1}. A note for {name}.\n"

    return lines(), {"Content-Type": "text/plain; charset=utf-8"}


@app.post("/forget")
def forget():
    session.clear()
    return redirect(url_for("board"), 303)


@app.errorhandler(HTTPException)
def fail(error: HTTPException):
    if request.path.endswith(".json"):
        return {"error": error.description}, error.code
    # Allow, Content-Range and the like; the page is of another type than Werkzeug's.
    headers = [header for header in error.get_headers() if header[0] != "Content-Type"]
    return render_template("error.html", error=error), error.code, headers


def add(name: str, words: str) -> Note:
    note = Note(notes[-1].number + 1, name[:40], words[:400])
    notes.append(note)
    del notes[:-MOST_NOTES]
    return note
