"""A plain WSGI application that shows what a build is made of."""

import hashlib
import json
import os
import random
import secrets
import sqlite3
import sys
import tempfile
import uuid

import wheeled
from package import here

# Read at the import, which is before the snapshot.
TITLE = os.environ.get("TITLE", "none")
# The memory is larger than a Pyodide begins with.
BALLAST = bytes(range(256)) * 40_000
DATABASE = sqlite3.connect(":memory:")
DATABASE.executescript("create table items (name text); insert into items values ('a row');")
with open("/written.txt", "w") as file:
    file.write("at the import")
# With what Python must have let go of by the time of the snapshot.
KEY = hashlib.pbkdf2_hmac("sha256", b"password", b"salt", 1).hex()
# Called so that there is something in it to be the same again.
random.random(), uuid.getnode(), tempfile.mktemp()


def app(environ, start_response):
    answer = json.dumps(PAGES[environ["PATH_INFO"]]()).encode()
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(answer)))])
    return [answer]


def numbers():
    return {
        "random": random.random(),
        "uuid1": str(uuid.uuid1())[-17:],
        "uuid4": str(uuid.uuid4()),
        "secrets": secrets.token_hex(),
        "urandom": os.urandom(16).hex(),
        "temporary": tempfile.mktemp(),
    }


def about():
    return {
        "title": TITLE,
        "later": os.environ.get("LATER", "none"),
        "wheel": wheeled.NAME,
        "data": here.data(),
        "row": DATABASE.execute("select name from items").fetchone()[0],
        "written": open("/written.txt").read(),
        "ballast": len(BALLAST),
        "source": os.path.exists("/site/probe.py"),
        "library": json.__file__,
        "machine": [value for value in os.environ.values() if "dram" in value],
    }


def hashed():
    return [KEY, hashlib.pbkdf2_hmac("sha256", b"password", b"salt", 2).hex()]


def failure():
    raise ValueError("as it must")


PAGES = {"/numbers": numbers, "/about": about, "/hashed": hashed, "/failure": failure}
