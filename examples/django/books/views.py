import asyncio
import csv
from io import StringIO, TextIOWrapper

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST, require_safe

from books.forms import BookForm, ImportForm
from books.models import Book


def index(request: HttpRequest) -> HttpResponse:
    form = BookForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        messages.success(request, f"{form.save()} is on the list.")
        return redirect("index")
    visits = request.session["visits"] = request.session.get("visits", 0) + 1
    author = request.GET.get("author")
    books = Book.objects.filter(author=author) if author else Book.objects.all()
    shown = {
        "form": form,
        "import_form": ImportForm(),
        "books": books,
        "author": author,
        "authors": Book.objects.values("author").annotate(books=Count("id")).order_by("author"),
        "visits": visits,
    }
    return render(request, "books/index.html", shown, status=422 if form.errors else 200)


@require_POST
def book(request: HttpRequest, number: int) -> HttpResponse:
    """Marks a book as read, or as to be read."""
    book = get_object_or_404(Book, pk=number)
    book.read = "read" in request.POST
    book.save(update_fields=["read"])
    return redirect("index")


@require_POST
def import_list(request: HttpRequest) -> HttpResponse:
    form = ImportForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, "A file, please.")
        return redirect("index")
    rows = csv.reader(TextIOWrapper(form.cleaned_data["list"], "utf-8", errors="replace"))
    books = [Book(title=row[0][:100], author=row[1][:100]) for row in rows if len(row) > 1]
    before = Book.objects.count()
    Book.objects.bulk_create(books, ignore_conflicts=True)
    messages.success(request, f"{Book.objects.count() - before} new books.")
    return redirect("index")


@require_safe
def export(request: HttpRequest) -> StreamingHttpResponse:
    """Row by row, whatever the list's length."""
    headers = {"Content-Disposition": 'attachment; filename="books.csv"'}
    rows = Book.objects.values_list("title", "author").iterator(chunk_size=100)
    return StreamingHttpResponse(map(to_csv, rows), content_type="text/csv", headers=headers)


def to_csv(row: tuple[str, ...]) -> str:
    line = StringIO()
    csv.writer(line).writerow(row)
    return line.getvalue()


@require_GET
def list_books(request: HttpRequest) -> JsonResponse:
    books = Book.objects.values("id", "title", "author", "read")
    return JsonResponse({"books": list(books)})


async def summary(request: HttpRequest) -> JsonResponse:
    """An async view: Django runs it on an event loop of its own."""
    books, read = await asyncio.gather(
        Book.objects.acount(), Book.objects.filter(read=True).acount()
    )
    return JsonResponse({"books": books, "read": read})
