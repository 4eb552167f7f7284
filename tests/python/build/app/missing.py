import nowhere


def app(environ, start_response):
    raise NotImplementedError
