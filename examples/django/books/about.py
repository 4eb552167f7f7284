import platform
import sys

import django


def about(request):
    return {
        "django": django.get_version(),
        "python": platform.python_version(),
        "platform": sys.platform,
        "server": request.META["SERVER_SOFTWARE"],
    }
