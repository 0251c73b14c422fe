from django.db import models


class Question(models.Model):
    text = models.CharField(max_length=40)


class Answer(models.Model):
    question = models.ForeignKey(Question, models.CASCADE)

    class Meta:
        order_with_respect_to = "question"
