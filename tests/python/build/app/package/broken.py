# A template of code, as packages have them: no Python, and never imported.
def {{ name }}():
