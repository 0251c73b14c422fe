"""What to do about something that a throwaway server lacks and production has."""

import re

from migsafe.verification import Provider

IMAGES = {
    "postgis": "postgis/postgis:TAG",
    "vector": "pgvector/pgvector:TAG",
    "timescaledb": "timescale/timescaledb:TAG",
}
"""By what the name of an extension begins with, an image that has it."""

# What servers of 10 to 18 say, in English: no server that migsafe starts says it in another language.
_EXTENSION = re.compile(r'extension "([^"]+)" is not available|extension control file ".*/([^/"]+)\.control"')
_LIBRARY = re.compile(r'could not (?:access file|load library) "([^"]+)"')
_PRELOADED = re.compile(r"must be (?:loaded|preloaded) via \"?shared_preload_libraries")
_ICU = re.compile(r'ICU is not supported in this build|collation "[^"]+-x-icu" for encoding')
_LOCALE = re.compile(
    r'collation "([^"]+)" for encoding|could not create locale "([^"]+)"|invalid (?:LC_\w+ )?locale name: "([^"]+)"'
)
_ROLE = re.compile(r'role "([^"]+)" does not exist')
_DICTIONARY = re.compile(r'could not open (?:dictionary|affix|stop-word|thesaurus|synonym) file "(?:.*/)?([^"]+)"')


def hint_for(error: str, provider: Provider) -> str | None:
    """Say which provider has what a server lacks.

    Args:
        error: What the server says, as of psycopg's errors.

    Returns:
        One or two sentences; None for an error that is not of this kind.
    """
    if provider == "dsn" and (role := _ROLE.search(error)):
        return (
            f"The scratch server does not have the role {role[1]}. Create it there, or give migsafe's own CREATEROLE."
        )
    for pattern, lacks, elsewhere in (
        (_EXTENSION, "the extension {}", "an image that has it"),
        (_LIBRARY, "the library {}", "an image that has it"),
        (_PRELOADED, "a library that has to be loaded when it starts", "an image that loads it"),
        (_ICU, "ICU", "the official image"),
        (_LOCALE, "the locale {}", "an image that has it, since the official one has only C and en_US.utf8"),
        (_DICTIONARY, "the file {}", "an image that has it"),
    ):
        if found := pattern.search(error):
            name = next((group for group in found.groups() if group), "")
            return _said(lacks.format(name), elsewhere, "" if pattern is _ICU else _image(name), provider)
    return None


def _image(name: str) -> str:
    file = name.rpartition("/")[2]
    return next((image for begin, image in IMAGES.items() if file.startswith(begin)), "IMAGE")


def _said(lacks: str, elsewhere: str, image: str, provider: Provider) -> str:
    command = f"--sandbox docker --image {image}" if image else "--sandbox docker"
    match provider:
        case "docker":
            return f"The image does not have {lacks}. Take {elsewhere}{f': --image {image}' if image else ''}."
        case "dsn":
            return f"The scratch server does not have {lacks}. Install it there, or take {elsewhere}: {command}."
        case "local" | "wheel":
            return (
                f"The provider {provider} does not have {lacks}. Docker has, with {elsewhere}: {command};"
                " or a scratch server of yours: --sandbox dsn."
            )
