"""The Flask application of the area python."""

from flask import Flask, request

app = Flask(__name__)


@app.get("/")
def hello():
    return "Hello, world\n", {"Content-Type": "text/plain; charset=utf-8"}


@app.post("/json")
def echo():
    return {"received": request.get_json()}
