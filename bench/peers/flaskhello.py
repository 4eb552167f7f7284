"""A Flask application for bench/python.ts, on Pyodide and on gunicorn."""

from flask import Flask, request

app = Flask(__name__)


@app.get("/")
def hello():
    return "Hello, World!"


@app.post("/json")
def echo():
    return {"received": request.get_json()}
