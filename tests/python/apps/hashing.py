"""Hashes a password as it is imported, which Django's settings or a wsgi.py may do."""

import hashlib

KEY = hashlib.pbkdf2_hmac("sha256", b"password", b"salt", 1)
SECRET = hashlib.scrypt(b"password", salt=b"salt", n=2, r=1, p=1, dklen=32)


def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [KEY.hex().encode(), b" ", SECRET.hex().encode()]
