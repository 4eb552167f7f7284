"""spec.py, and how much Python holds."""

import gc

import dram_gateway
import spec


def app(environ, start_response):
    if environ["PATH_INFO"] == "/memory":
        spec.events.clear()
        gc.collect()
        held = [len(dram_gateway._requests), len(gc.get_objects())]
        return spec.answer(start_response, held)
    return spec.app(environ, start_response)
