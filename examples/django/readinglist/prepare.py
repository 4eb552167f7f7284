import os

from django.contrib.auth.models import User
from django.core.management import call_command


def prepare() -> None:
    """A database in memory begins empty in each interpreter: gives it tables, books and an admin."""
    call_command("migrate", verbosity=0)
    if not User.objects.exists():
        User.objects.create_superuser(
            os.environ.get("DJANGO_ADMIN", "admin"),
            password=os.environ.get("DJANGO_ADMIN_PASSWORD", "for development only"),
        )
