import os

SECRET_KEY = os.environ["SECRET_KEY"]
INSTALLED_APPS = ["orders"]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "bakery",
        "HOST": os.environ.get("DB_HOST", "localhost"),
        "USER": "bakery",
        "PASSWORD": os.environ.get("DB_PASSWORD", ""),
        "OPTIONS": {"options": "-c lock_timeout=5s"},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
