"""Operations in which Django leaves the order of statements to chance."""

SECRET_KEY = "not secret"
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "NAME": "equality"}}
INSTALLED_APPS = ["library"]
