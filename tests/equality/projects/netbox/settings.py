"""NetBox with its own settings, which read ``conf/configuration.py``."""

import os
from pathlib import Path

os.environ["NETBOX_ROOT"] = str(Path(__file__).parent)
from netbox.settings import *  # noqa: E402, F403

CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
