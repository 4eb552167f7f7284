from django.db import migrations

BOOKS = [
    ("Middlemarch", "George Eliot"),
    ("Silas Marner", "George Eliot"),
    ("The Time Machine", "H. G. Wells"),
]


def add_books(apps, schema_editor):
    Book = apps.get_model("books", "Book")
    Book.objects.bulk_create(Book(title=title, author=author) for title, author in BOOKS)


class Migration(migrations.Migration):
    dependencies = [("books", "0001_initial")]
    operations = [migrations.RunPython(add_books, migrations.RunPython.noop)]
