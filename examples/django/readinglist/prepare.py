import os

from django.contrib.auth.models import User
from django.core.management import call_command

# As make_password("for development only") made it: to make one takes as long as all the rest here.
DEVELOPMENT = "pbkdf2_sha256$1000000$dyTWDxKaXKhhCEJjqu3JAC$He1+5u+lzNw6c0aVlsej+12vdNfY/604ULtF6wokdtI="


def prepare() -> None:
    """A database in memory begins empty in each interpreter: gives it tables, books and an admin."""
    call_command("migrate", verbosity=0)
    if not User.objects.exists():
        User.objects.create(
            username=os.environ.get("DJANGO_ADMIN") or "admin",
            password=os.environ.get("DJANGO_ADMIN_PASSWORD_HASH") or DEVELOPMENT,
            is_staff=True,
            is_superuser=True,
        )
