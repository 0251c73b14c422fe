"""Settings that come from the environment."""

import os

from django.core.exceptions import ImproperlyConfigured


def require(name: str) -> str:
    """The value of an environment variable that the deployment has to set."""
    try:
        return os.environ[name]
    except KeyError:
        raise ImproperlyConfigured(f"Set the {name} environment variable.") from None
