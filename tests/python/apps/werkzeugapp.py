"""An application of Werkzeug alone: its routing, its request and response, and no framework around."""

import json
from datetime import datetime, timezone
from hashlib import sha256

from werkzeug.exceptions import HTTPException, abort
from werkzeug.routing import Map, Rule
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

routes = Map(
    [
        Rule("/", endpoint="home"),
        Rule("/about/", endpoint="about"),
        Rule("/number/<int(max=99):number>", endpoint="number"),
        Rule("/float/<float:number>", endpoint="number"),
        Rule("/uuid/<uuid:number>", endpoint="number"),
        Rule("/any/<any(red, green):number>", endpoint="number"),
        Rule("/path/<path:number>", endpoint="number"),
        Rule("/old/<int:number>", redirect_to="number/<number>"),
        Rule("/post", endpoint="post", methods=["POST", "PUT"]),
        Rule("/request", endpoint="request"),
        Rule("/negotiate", endpoint="negotiate"),
        Rule("/cached", endpoint="cached"),
        Rule("/cookies", endpoint="cookies"),
        Rule("/away", endpoint="away"),
        Rule("/stream", endpoint="stream"),
        Rule("/secret", endpoint="secret"),
        Rule("/teapot", endpoint="teapot"),
        Rule("/nothing", endpoint="nothing"),
    ]
)

CHANGED = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)


def home(request, urls):
    return Response(urls.build("number", {"number": 7}) + " " + urls.build("about", force_external=True))


def about(request, urls):
    return Response("<p>about</p>", mimetype="text/html")


def number(request, urls, number):
    return answer(kind=type(number).__name__, value=str(number))


def post(request, urls):
    return answer(
        type=request.mimetype,
        form=request.form.to_dict(flat=False),
        files={
            name: [file.filename, file.mimetype, sha256(file.read()).hexdigest()]
            for name, file in request.files.items()
        },
        json=request.get_json(silent=True),
        length=request.content_length,
        rest=len(request.get_data()),
    )


def show_request(request, urls):
    """What Werkzeug makes of environ."""
    return answer(
        method=request.method,
        path=request.path,
        root=request.root_path,
        url=request.url,
        base=request.base_url,
        query=request.query_string.decode("latin-1"),
        arguments=request.args.to_dict(flat=False),
        host=request.host,
        secure=request.is_secure,
        agent=request.user_agent.string,
        languages=list(request.accept_languages.values()),
        range=str(request.range) if request.range else None,
        authorization=request.authorization.parameters if request.authorization else None,
        since=str(request.if_modified_since),
        tags=sorted(request.if_none_match),
        xhr=request.headers.get("X-Requested-With"),
    )


def negotiate(request, urls):
    best = request.accept_mimetypes.best_match(["text/html", "application/json"], "text/html")
    response = Response("{}" if best == "application/json" else "<p></p>", mimetype=best)
    response.vary.add("Accept")
    return response


def cached(request, urls):
    response = Response(bytes(range(256)) * 8, mimetype="application/octet-stream")
    response.set_etag("v1")
    response.last_modified = CHANGED
    response.cache_control.max_age = 60
    response.cache_control.public = True
    return response.make_conditional(request, accept_ranges=True, complete_length=2048)


def cookies(request, urls):
    response = answer(**request.cookies)
    response.set_cookie("plain", "1")
    response.set_cookie("odd", 'a;b,"c" \u00e4', httponly=True, samesite="Strict")
    response.delete_cookie("gone")
    return response


def away(request, urls):
    return redirect("/nach/\u00e4?x=\u00fc", 307)


def stream(request, urls):
    return Response((f"{number}\n" for number in range(100)), mimetype="text/plain")


def secret(request, urls):
    if request.authorization is None or request.authorization.password != "open":
        return Response("who?", 401, {"WWW-Authenticate": 'Basic realm="here"'})
    return Response(f"hello {request.authorization.username}")


def teapot(request, urls):
    abort(418)


def nothing(request, urls):
    response = Response(status=204)
    del response.headers["Content-Type"]
    return response


def answer(**values):
    return Response(json.dumps(values, sort_keys=True), mimetype="application/json")


VIEWS = {view.__name__: view for view in [home, about, number, post, negotiate, cached, cookies, away, stream, secret, teapot, nothing]}
VIEWS["request"] = show_request


@Request.application
def application(request):
    urls = routes.bind_to_environ(request.environ)
    try:
        endpoint, values = urls.match()
        return VIEWS[endpoint](request, urls, **values)
    except HTTPException as error:
        return error
