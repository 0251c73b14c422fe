"""What can go wrong, as one tree.

::

    MigsafeError                  anything migsafe itself reports; exit code 2
    ├── ConfigError               [tool.migsafe], MIGSAFE_* or a flag says something impossible
    ├── PluginError               a plug-in is not installed or broken
    ├── ProjectError              the Django project cannot be loaded
    │   ├── SettingsError           no settings, or they fail to import
    │   ├── NotPostgresError        the chosen database is not PostgreSQL
    │   ├── MigrationImportError    a migration module fails to import
    │   ├── GraphError              missing dependency, cycle
    │   └── UnknownTargetError      no such app or migration, or more than one
    ├── GitError                  a ref is nothing that git knows, or there is no git
    ├── InputError                a file the user named cannot be read or written
    ├── ServerError               the project's database cannot be reached, or does not answer
    ├── ForgeError                GitHub or GitLab cannot be reached, or refuses a comment
    └── SandboxError              no throwaway PostgreSQL could be had

Every error says what happened and where (``message``) and what to do about it (``hint``).
"""


class MigsafeError(Exception):
    """Base of all errors that are shown to the user without a traceback.

    Args:
        message: What is wrong and where, one or a few lines, without a trailing newline.
        hint: What to do about it, or None.
    """

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class ConfigError(MigsafeError):
    """A configuration value is unknown or impossible."""


class PluginError(MigsafeError):
    """A plug-in is not installed, fails to import, or its rules are not what rules have to be."""


class ProjectError(MigsafeError):
    """The Django project cannot be loaded."""


class SettingsError(ProjectError):
    """No settings module was found, or it fails to import.

    Args:
        variable: The environment variable that it needs and that is not set, if that is why.
    """

    def __init__(self, message: str, hint: str | None = None, *, variable: str | None = None) -> None:
        super().__init__(message, hint)
        self.variable = variable


class NotPostgresError(ProjectError):
    """The chosen database alias does not use a PostgreSQL backend."""


class MigrationImportError(ProjectError):
    """A migration module fails to import."""


class GraphError(ProjectError):
    """The migration graph cannot be built: a missing dependency or a cycle."""


class UnknownTargetError(ProjectError):
    """The app or migration that was asked for does not exist or is ambiguous."""


class GitError(MigsafeError):
    """git is missing, or does not know the given ref."""


class InputError(MigsafeError):
    """A file that the user named cannot be read or written."""


class ServerError(MigsafeError):
    """The project's own database cannot be reached, or does not answer."""


class ForgeError(MigsafeError):
    """GitHub or GitLab cannot be reached, or refuses what it was asked for."""


class SandboxError(MigsafeError):
    """No throwaway PostgreSQL could be found, downloaded or started."""


class Terminated(SystemExit):
    """A signal ends this process: not what code of a migration may end itself with."""
