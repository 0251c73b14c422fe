from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db import models


class ProductQuerySet(models.QuerySet):
    def published(self):
        return self.filter(status=self.model.Status.PUBLISHED)

    def in_category(self, category):
        """Products of the category itself and of everything below it."""
        return self.filter(models.Q(category=category) | models.Q(category__path__startswith=f"{category.path}/"))

    def matching(self, text):
        """Full-text search, best match first."""
        query = SearchQuery(text, search_type="websearch")
        return (
            self.filter(search_document=query)
            .annotate(rank=SearchRank(models.F("search_document"), query))
            .order_by("-rank")
        )
