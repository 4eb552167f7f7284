from django.db import models


class Book(models.Model):
    title = models.CharField(max_length=100)
    author = models.CharField(max_length=100)
    read = models.BooleanField(default=False)
    added = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["author", "title"]
        constraints = [models.UniqueConstraint(fields=["title", "author"], name="one_of_each")]

    def __str__(self) -> str:
        return f"{self.title} by {self.author}"
