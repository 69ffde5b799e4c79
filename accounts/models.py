"""A person's account, one for all organisations."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_superadmin=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    """Signs in by e-mail. A superadmin runs the platform; roles in organisations are Memberships."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(_("e-mail"), max_length=254, unique=True)
    name = models.CharField(_("name"), max_length=120)
    is_active = models.BooleanField(_("active"), default=True)
    is_superadmin = models.BooleanField(_("superadmin"), default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="accounts_user_email_ci")]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def is_staff(self) -> bool:
        """Django's admin asks this."""
        return self.is_superadmin

    def has_perm(self, permission: str, obj: object = None) -> bool:
        return self.is_active and self.is_superadmin

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_active and self.is_superadmin


class MailServer(models.Model):
    """Where the platform's mails are handed over, as set in the pages; at most one row.

    It counts only where the environment's EMAIL_URL names no server. `secret` is sealed.
    """

    class Tls(models.TextChoices):
        NONE = "none", _("none")
        STARTTLS = "starttls", _("STARTTLS")
        TLS = "tls", _("TLS from the start")

    only = models.BooleanField(primary_key=True, default=True, editable=False)
    host = models.CharField(_("server"), max_length=253)
    port = models.PositiveIntegerField(
        _("port"), default=587, validators=[MinValueValidator(1), MaxValueValidator(65535)]
    )
    tls = models.CharField(_("encryption"), max_length=8, choices=Tls, default=Tls.STARTTLS)
    user = models.CharField(_("user"), max_length=254, blank=True)
    secret = models.TextField(blank=True, editable=False)
    sender = models.EmailField(_("sender"), max_length=254)

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"
