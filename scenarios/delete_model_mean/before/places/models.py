from django.db import models



class Town(models.Model):
    name = models.CharField(max_length=80)
    mayor = models.ForeignKey("blog.Author", models.SET_NULL, null=True, related_name="+")
