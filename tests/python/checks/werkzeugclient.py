"""Werkzeug's own test client: requests come as JSON on standard input, its answers go out as JSON."""

import base64
import json
import sys

from werkzeug.test import Client

from werkzeugapp import application

answers = []
for request in json.load(sys.stdin):
    client = Client(application, use_cookies=False)
    response = client.open(
        path=request["path"],
        base_url=request["base"],
        method=request["method"],
        headers=[tuple(header) for header in request["headers"]],
        data=base64.b64decode(request["body"]),
    )
    answers.append(
        {
            "status": response.status,
            "headers": [[name.lower(), value] for name, value in response.headers],
            "body": base64.b64encode(response.get_data()).decode(),
        }
    )
json.dump(answers, sys.stdout)
