from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel(
            name="Book",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("title", models.CharField(max_length=100)),
                ("author", models.CharField(max_length=100)),
                ("read", models.BooleanField(default=False)),
                ("added", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "ordering": ["author", "title"],
                "constraints": [models.UniqueConstraint(fields=("title", "author"), name="one_of_each")],
            },
        ),
    ]
