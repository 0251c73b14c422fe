"""``migsafe`` in INSTALLED_APPS: brings ``manage.py migsafe``, and system checks for ``check --deploy``."""

from django.apps import AppConfig


class MigsafeConfig(AppConfig):
    """An app without models; what it costs a start of the project is this module and `migsafe.checks`."""

    name = "migsafe"

    def ready(self) -> None:
        import migsafe.checks  # noqa: F401, which registers them
