"""django-oscar with all its apps."""

import oscar
from oscar.defaults import *  # noqa: F403

SECRET_KEY = "not secret"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "NAME": "equality"}}
INSTALLED_APPS = oscar.INSTALLED_APPS
SITE_ID = 1
HAYSTACK_CONNECTIONS = {"default": {"ENGINE": "haystack.backends.simple_backend.SimpleEngine"}}
