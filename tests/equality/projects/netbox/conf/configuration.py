"""The settings that NetBox requires."""

ALLOWED_HOSTS = ["*"]
DATABASES = {"default": {"NAME": "equality"}}
REDIS = {"tasks": {}, "caching": {}}
SECRET_KEY = "not secret, but it has to have at least fifty characters"
API_TOKEN_PEPPERS = {1: SECRET_KEY}
