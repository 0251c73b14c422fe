import hashlib
import secrets
from datetime import timedelta

from django.utils import timezone

from shop.users.models import ApiToken, User


def issue_token(user: User, name: str, scopes: list[str], lifetime: timedelta | None = None) -> tuple[ApiToken, str]:
    """Make a token and return it with its secret, which is shown once and never stored."""
    prefix, secret = secrets.token_hex(4), secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        user=user,
        name=name,
        prefix=prefix,
        secret_hash=hashlib.sha256(secret.encode()).hexdigest(),
        scopes=scopes,
        expires_at=timezone.now() + lifetime if lifetime else None,
    )
    return token, f"{prefix}.{secret}"
