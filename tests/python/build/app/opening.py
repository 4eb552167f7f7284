"""Holds what no snapshot can: an open file."""

import sqlite3

# Of the file system that a Pyodide has in memory, as all that is opened here.
connection = sqlite3.connect("/opening.db")
connection.execute("create table items (name text)")


def app(environ, start_response):
    start_response("200 OK", [])
    return [b"opened"]
