from django.contrib import admin
from django.contrib.staticfiles.views import serve
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    # A web server or the platform's own assets are faster at it; this way there need not be any.
    path("static/<path:path>", serve, {"insecure": True}),
    path("", include("books.urls")),
]
