from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower

from shop.common.models import TimeStampedModel, UUIDModel
from shop.users.managers import UserManager


class User(AbstractUser):
    """Somebody who can log in: a customer or one of us. Identified by e-mail address."""

    username = None
    email = models.EmailField(unique=True)
    mobile = models.CharField(max_length=32, blank=True)
    locale = models.CharField(max_length=10, db_default="en")
    time_zone = models.CharField(max_length=64, db_default="UTC")

    objects = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = []

    class Meta(AbstractUser.Meta):
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="users_user_email_ci_unique",
                violation_error_message="There is already an account with this e-mail address.",
            ),
        ]

    def __str__(self):
        return self.get_full_name() or self.email


class Team(TimeStampedModel):
    name = models.CharField(max_length=80, unique=True)
    members = models.ManyToManyField(User, through="TeamMembership", related_name="teams")

    class Meta:
        ordering = ["name"]

    def __str__(self):
        return self.name


class TeamMembership(TimeStampedModel):
    class Role(models.TextChoices):
        MEMBER = "member"
        LEAD = "lead"

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="team_memberships")
    role = models.CharField(max_length=10, choices=Role, default=Role.MEMBER)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "user"], name="users_membership_once_per_team"),
            models.UniqueConstraint(
                fields=["team"], condition=models.Q(role="lead"), name="users_membership_one_lead_per_team"
            ),
        ]

    def __str__(self):
        return f"{self.user} in {self.team}"


class ApiToken(UUIDModel, TimeStampedModel):
    """Access for a machine. Only the hash of the secret is kept."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=8)
    secret_hash = models.CharField(max_length=64, unique=True)
    scopes = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["prefix"], condition=models.Q(revoked_at=None), name="users_apitoken_live_prefix_idx"),
        ]

    def __str__(self):
        return f"{self.name} ({self.prefix}…)"


class LoginEvent(models.Model):
    class Outcome(models.TextChoices):
        SUCCESS = "success"
        BAD_PASSWORD = "bad_password"
        BLOCKED = "blocked"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="login_events")
    outcome = models.CharField(max_length=20, choices=Outcome)
    ip_address = models.GenericIPAddressField()
    user_agent = models.TextField(blank=True)
    occurred_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["user", "-occurred_at"], name="users_login_user_recent_idx")]

    def __str__(self):
        return f"{self.outcome} at {self.occurred_at:%Y-%m-%d %H:%M}"
