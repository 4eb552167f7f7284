"""Counts its visits in a database beside the modules of the first folder of `site`."""

import contextlib
import sqlite3
import sys

DATABASE = f"{sys.path[0]}/visits.db"


def app(environ, start_response):
    with contextlib.closing(sqlite3.connect(DATABASE)) as database:
        database.execute("create table if not exists visits (path text)")
        database.execute("insert into visits values (?)", (environ["PATH_INFO"],))
        database.commit()
        (count,) = database.execute("select count(*) from visits").fetchone()
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [str(count).encode()]
