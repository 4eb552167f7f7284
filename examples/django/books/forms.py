from django import forms

from books.models import Book


class BookForm(forms.ModelForm):
    class Meta:
        model = Book
        fields = ["title", "author"]


class ImportForm(forms.Form):
    list = forms.FileField(label="Titles and authors, as CSV", widget=forms.FileInput({"accept": ".csv"}))
