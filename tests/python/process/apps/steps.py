"""What the tests of worker processes ask for. PRINT goes to the log: standard output is no frame."""

import os
import sys
import threading
import time

OPEN = os.environ.get("GATE")


def application(environ, start_response):
    path = environ["PATH_INFO"]
    return PATHS[path.split("/")[1]](environ, start_response)


def answer(start_response, body, *headers):
    start_response("200 OK", [("Content-Type", "text/plain"), *headers])
    return [body if isinstance(body, bytes) else str(body).encode()]


def pid(environ, start_response):
    return answer(start_response, os.getpid())


def flags(environ, start_response):
    names = ("multithread", "multiprocess", "run_once")
    return answer(start_response, [environ[f"wsgi.{name}"] for name in names])


def show(environ, start_response):
    """A variable of os.environ, or of this request."""
    name = environ["QUERY_STRING"]
    return answer(start_response, environ.get(name, os.environ.get(name)))


def environment(environ, start_response):
    return answer(start_response, os.environ.get(environ["QUERY_STRING"]))


def prints(environ, start_response):
    print("printed\nO\0\0\0\0\0\0\0\0")
    print("cried", file=sys.stderr)
    os.write(1, b"written\n")
    environ["wsgi.errors"].write("logged\n")
    return answer(start_response, "")


def waits(environ, start_response):
    """Begins, says so, and answers when there is a file of the name."""
    # In one write: print sends the line and its end apart, and threads come between.
    sys.stdout.write(f"waits in {os.getpid()}, {threading.get_ident()}\n")
    while not os.path.exists(environ["QUERY_STRING"]):
        time.sleep(0.005)
    return answer(start_response, os.getpid())


def hangs(environ, start_response):
    print("hangs")
    while True:
        pass


def dies(environ, start_response):
    os.kill(os.getpid(), 9)


def leaves(environ, start_response):
    os._exit(3)


def forks(environ, start_response):
    """Dies, and leaves a process behind that has its socket open."""
    if os.fork() == 0:
        time.sleep(3)
        os._exit(0)
    os._exit(3)


def raises(environ, start_response):
    raise ZeroDivisionError("on purpose")


def exits(environ, start_response):
    sys.exit("on purpose")


def breaks(environ, start_response):
    """Dies in mid-body."""
    start_response("200 OK", [])
    yield b"begun"
    os.kill(os.getpid(), 9)


class Body:
    """Chunks until its close, which it says."""

    def __init__(self, chunk):
        self.chunk = chunk
        self.count = 0

    def __iter__(self):
        return self

    def __next__(self):
        self.count += 1
        return self.chunk

    def close(self):
        print(f"closed after {self.count}")


def endless(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return Body(b"x" * 65536)


def hops(environ, start_response):
    """Sets what is the gateway's own."""
    start_response("200 OK", [("Connection", "close")])
    return Body(b"x")


def download(environ, start_response):
    count = int(environ["QUERY_STRING"])
    start_response("200 OK", [("Content-Type", "text/plain")])
    return (b"x" * 65536 for _ in range(count))


def large(environ, start_response):
    """One chunk of many frames."""
    return answer(start_response, bytes(range(256)) * 4096)


def upload(environ, start_response):
    total = 0
    while chunk := environ["wsgi.input"].read(65536):
        total += len(chunk)
    return answer(start_response, f"{total} {peak()}")


def reads(environ, start_response):
    """Tells what becomes of a read."""
    print("reads")
    try:
        environ["wsgi.input"].read()
    except OSError as error:
        print(f"found {type(error).__name__}: {error}")
        raise
    return answer(start_response, "")


def early(environ, start_response):
    """Answers before it reads."""
    start_response("200 OK", [])
    yield b"early"
    yield environ["wsgi.input"].read()


def writes(environ, start_response):
    write = start_response("200 OK", [])
    write(b"one ")
    write(b"x" * 600_000)
    return [b" three"]


def memory(environ, start_response):
    return answer(start_response, peak())


def peak():
    """KiB of memory that this process has had at most."""
    with open("/proc/self/status") as status:
        return next(line.split()[1] for line in status if line.startswith("VmHWM"))


PATHS = {name: value for name, value in globals().items() if callable(value)}
