"""Answers by a plan that the request brings in a header, and tells what has come to it."""

import json

LENGTH = 16384


def application(environ, start_response):
    plan = json.loads(environ["HTTP_X_PLAN"])
    stream = environ["wsgi.input"]
    body = b"".join(READ[plan["read"]](stream, plan["size"]))
    told = {
        key: value
        for key, value in environ.items()
        if type(value) in (str, bool) or key == "wsgi.version"
    }
    # Of one length, whatever a server has to tell.
    content = json.dumps(told).ljust(LENGTH).encode() + b"\n" + body
    if plan["status"].startswith(("204", "304")):
        content = b""
    headers = [("Content-Type", "application/octet-stream"), *map(tuple, plan["headers"])]
    if plan["counted"]:
        headers.append(("Content-Length", str(len(content))))
    blocks = list(cut(content, plan["blocks"]))
    return ANSWER[plan["form"]](start_response, plan["status"], headers, blocks)


def cut(content, sizes):
    """Blocks of these sizes, some of them 0; the last one is what is left."""
    for size in sizes:
        yield content[:size]
        content = content[size:]
    yield content


def pieces(stream, size):
    while piece := stream.read(size):
        yield piece


def lines(stream, size):
    while line := stream.readline(size):
        yield line


READ = {
    "nothing": lambda stream, size: [],
    "all": lambda stream, size: [stream.read(), stream.read(), stream.read(size)],
    "pieces": pieces,
    "lines": lines,
    "readlines": lambda stream, size: stream.readlines(),
    "iterated": lambda stream, size: stream,
    "mixed": lambda stream, size: [stream.read(size), stream.readline(), *stream.readlines(size), *stream],
}


def generator(start_response, status, headers, blocks):
    start_response(status, headers)
    yield from blocks


def returned(start_response, status, headers, blocks):
    start_response(status, headers)
    return blocks


def written(start_response, status, headers, blocks):
    write = start_response(status, headers)
    for block in blocks[:-1]:
        write(block)
    return blocks[-1:]


ANSWER = {"generator": generator, "returned": returned, "written": written}
