from django.contrib.auth.base_user import BaseUserManager


class UserManager(BaseUserManager):
    """Creates users by e-mail address, which is compared without regard to case."""

    use_in_migrations = True

    def get_by_natural_key(self, username):
        return self.get(email__iexact=username)

    def _create(self, email, password, **fields):
        if not email:
            raise ValueError("A user needs an e-mail address.")
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_user(self, email, password=None, **fields):
        return self._create(email, password, **({"is_staff": False, "is_superuser": False} | fields))

    def create_superuser(self, email, password=None, **fields):
        return self._create(email, password, **(fields | {"is_staff": True, "is_superuser": True}))
