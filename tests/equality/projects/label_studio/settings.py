"""Label Studio with its own settings, on PostgreSQL."""

import os
import sys
from importlib.util import find_spec
from pathlib import Path
from tempfile import gettempdir

os.environ["BASE_DATA_DIR"] = str(Path(gettempdir()) / "migsafe-label-studio")
# Its apps are top-level packages in its own folder, as its manage.py expects.
sys.path.insert(0, find_spec("label_studio").submodule_search_locations[0])
from core.settings.base import *  # noqa: E402, F403

SECRET_KEY = "not secret"
