from django.urls import path

from books import views

urlpatterns = [
    path("", views.index, name="index"),
    path("books/<int:number>/", views.book, name="book"),
    path("import/", views.import_list, name="import"),
    path("books.csv", views.export, name="export"),
    path("books.json", views.list_books, name="json"),
    path("summary.json", views.summary, name="summary"),
]
