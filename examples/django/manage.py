"""Django's own commands, on a Python of the system: `python3 manage.py makemigrations`."""

import os
import sys

from django.core.management import execute_from_command_line

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "readinglist.settings")
execute_from_command_line(sys.argv)
