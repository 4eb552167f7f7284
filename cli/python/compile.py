"""Compiles modules for `dram python build`, in the very interpreter that is going to run them.

Both archives hold `foo.pyc` where there was a `foo.py`, which Python imports like a source. Code keeps
the path and the lines of its source, so that tracebacks name them, though they cannot quote them.
"""

import io
import json
import os
import zipfile
from importlib._bootstrap_external import _code_to_timestamp_pyc

LIBRARY = "/lib/python314.zip"
SITE = "/site"
# Nothing reads these: caches of another interpreter, stubs of types, sources of translations, lists of
# checksums.
USELESS = (".pyc", ".pyo", ".pyi", ".po", "/RECORD")
NATIVE = (".so", ".pyd", ".dylib")


def library(target):
    """Writes the standard library as a compressed zip archive, the form in which Pyodide wants it."""
    with zipfile.ZipFile(LIBRARY) as sources, zipfile.ZipFile(target, "w") as archive:
        for name in sorted(sources.namelist()):
            if not name.endswith("/"):
                path, data = compiled(name, sources.read(name), LIBRARY)
                archive.writestr(zipfile.ZipInfo(path), data, zipfile.ZIP_DEFLATED, 9)


def site(folders, target):
    """Writes the files of folders in the form that output/files.ts reads.

    Of two files of one path that in the first folder counts. Gives the number of files and the paths
    of the extension modules that were left out, as JSON.
    """
    found, native = {}, []
    for folder in folders:
        for path, data in contents(folder):
            if path.endswith(NATIVE):
                native.append(path)
            elif not path.endswith(USELESS):
                path, data = compiled(path, data, SITE)
                found.setdefault(path, data)
    index = json.dumps([(path, len(data)) for path, data in found.items()]).encode()
    with open(target, "wb") as archive:
        archive.write(len(index).to_bytes(4, "little") + index)
        archive.writelines(found.values())
    return json.dumps({"files": len(found), "native": native})


def contents(folder):
    for path, folders, files in os.walk(folder):
        folders.sort()
        for name in sorted(files):
            file = f"{path}/{name}"
            if path == folder and name.endswith(".whl"):
                yield from wheel(file)
            else:
                with open(file, "rb") as stream:
                    yield file[len(folder) + 1 :], stream.read()


def wheel(file):
    try:
        with zipfile.ZipFile(file) as archive:
            for name in archive.namelist():
                if not name.endswith("/"):
                    yield name, archive.read(name)
    except zipfile.BadZipFile as error:
        raise ValueError(f"{os.path.basename(file)} is no wheel: {error}") from None


def compiled(path, data, root):
    """A module that does not compile stays a source: it may be a template that nothing imports."""
    if path.endswith(".py"):
        try:
            code = compile(data, f"{root}/{path}", "exec", dont_inherit=True)
        except (SyntaxError, ValueError):
            return path, data
        return f"{path}c", bytes(_code_to_timestamp_pyc(code))
    return path, data
