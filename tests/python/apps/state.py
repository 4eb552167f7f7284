"""Where a request may keep its state, while others run."""

import contextvars
import threading
import time

from spec import PLAIN, answer, endless

context = contextvars.ContextVar("context")
thread = threading.local()
running = 0
most = 0


def app(environ, start_response):
    """What a request finds where it has put its name, behind a wait and behind a chunk."""
    global running, most
    running += 1
    most = max(most, running)
    mine = environ["QUERY_STRING"]
    context.set(mine)
    thread.name = mine
    time.sleep(0.01)
    start_response("200 OK", PLAIN)
    found = [context.get() == mine, thread.name == mine]
    yield b"wait "
    time.sleep(0.01)
    found += [context.get() == mine, thread.name == mine]
    yield " ".join(str(one) for one in found).encode()
    running -= 1


def report(environ, start_response):
    global most
    value, most = [most, environ["wsgi.multithread"]], 0
    return answer(start_response, value)


def both(environ, start_response):
    chosen = {"/report": report, "/endless": endless}
    return chosen.get(environ["PATH_INFO"], app)(environ, start_response)
