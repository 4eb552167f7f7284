"""Holds what no snapshot can: an open file."""

import sqlite3

connection = sqlite3.connect("/tmp/opening.db")
connection.execute("create table items (name text)")


def app(environ, start_response):
    start_response("200 OK", [])
    return [b"opened"]
