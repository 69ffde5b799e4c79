"""A person's account, one for all organisations."""

from typing import Any, ClassVar

from django.conf import settings
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
    # Since when a second step is asked at sign-in; null for never. Kept by accounts.factors.
    mfa_since = models.DateTimeField(null=True, editable=False)
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


class Owned(models.Model):
    """What belongs to one person's account alone; always asked for by the person."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        abstract = True


class Session(Owned):
    """A browser in which somebody is signed in. `key` is the key of Django's session, which has the rest."""

    key = models.CharField(max_length=40, unique=True)
    seen_at = models.DateTimeField()
    address = models.GenericIPAddressField(null=True)
    agent = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        return f"{self.user} from {self.address}"


class PasswordReset(Owned):
    """A mailed link that sets a new password once. Only the link's hash is kept."""

    digest = models.BinaryField(max_length=32, unique=True)
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.user} until {self.expires_at}"


class Authenticator(Owned):
    """An app that shows a code every 30 seconds (TOTP). No code of `last_step` or before is taken again."""

    secret = models.TextField()
    last_step = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user"], name="accounts_authenticator_once")]

    def __str__(self) -> str:
        return f"authenticator of {self.user}"


class RecoveryCode(Owned):
    """A code that does once what an authenticator does; the row goes with its use."""

    digest = models.BinaryField(max_length=32, unique=True)

    def __str__(self) -> str:
        return f"recovery code of {self.user}"


class Passkey(Owned):
    """A WebAuthn credential: a key in a device, the browser's or on a stick."""

    name = models.CharField(_("name"), max_length=60)
    credential = models.BinaryField(max_length=1023, unique=True)
    public_key = models.BinaryField(max_length=2000)
    sign_count = models.BigIntegerField(default=0)
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class TrustedDevice(Owned):
    """A browser that is not asked for a second step until `expires_at`. Only its cookie's hash is kept."""

    digest = models.BinaryField(max_length=32, unique=True)
    expires_at = models.DateTimeField()
    agent = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        return f"{self.user} until {self.expires_at}"
