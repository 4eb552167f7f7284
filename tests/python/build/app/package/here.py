from pathlib import Path


def data():
    return Path(__file__).with_name("data.txt").read_text()
