"""Settings, read from the environment; unsafe production values are refused."""

from ipaddress import ip_network
from pathlib import Path

import django_stubs_ext
import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from . import broker
from .secrets import derived_key, master_key

# Lets ModelForm[Printer] and its like be written where the type checker wants them.
django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

ODIN_HOME = Path(env.str("ODIN_HOME", str(BASE_DIR / "var"))).absolute()
HTTPS = env.bool("ODIN_HTTPS", False)
DEBUG = env.bool("ODIN_DEBUG", False)

_master = master_key(env.str("ODIN_SECRET_KEY", ""), ODIN_HOME / "secret.key")
SECRET_KEY = derived_key(_master, "django signing", 48)
FIELD_KEY = derived_key(_master, "stored secrets")
# The server's key pair for browser push (RFC 8292) is made of it.
PUSH_KEY = derived_key(_master, "browser push")

if HTTPS and DEBUG:
    raise ImproperlyConfigured("ODIN_DEBUG shows internals to visitors: unset it where ODIN_HTTPS is on.")

ALLOWED_HOSTS = env.list("ODIN_ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("ODIN_TRUSTED_ORIGINS", default=[])
# Only what these have written into X-Forwarded-For is believed.
TRUSTED_PROXIES = [ip_network(one) for one in env.list("ODIN_TRUSTED_PROXIES", default=[])]
OWN_PORT = env.int("PORT", 8000)
PUBLIC_URL = env.str("ODIN_PUBLIC_URL", f"http://127.0.0.1:{OWN_PORT}")

SHARED_APPS = [
    "odin_site",
    "django_tenants",
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.admin",
    "django.contrib.staticfiles",
    "django_htmx",
    "csp",
    "lucide",
    "ninja",
    "ui",
    "audit",
    "accounts",
    "orgs",
    "stations",
    "gateway",
    "demo",
]
TENANT_APPS = [
    "audit",
    "bulk",
    "alerts",
    "printers",
    "maintenance",
    "models3d",
    "inventory",
    "jobs",
    "reports",
]
INSTALLED_APPS = [*SHARED_APPS, *(app for app in TENANT_APPS if app not in SHARED_APPS)]

TENANT_MODEL = "orgs.Org"
TENANT_DOMAIN_MODEL = "orgs.Domain"
PUBLIC_SCHEMA_URLCONF = "odin_site.urls_public"
ROOT_URLCONF = "odin_site.urls"
TENANT_LIMIT_SET_CALLS = True

MIDDLEWARE = [
    "accounts.clients.ClientAddressMiddleware",
    "ui.headers.add_headers",
    "django.middleware.security.SecurityMiddleware",
    # Static files too have a policy: an SVG or a worker opened by itself is a page of this server.
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "orgs.health.HealthMiddleware",
    "models3d.uploads.refuse_oversized",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.sessions.SessionLimits",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "orgs.middleware.OrgMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "ui.context.frame",
                "orgs.context.frame",
            ],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static", "ui.templatetags.ui"],
        },
    }
]
WSGI_APPLICATION = "odin_site.wsgi.application"

DATABASES = {
    "default": {
        **env.db_url("DATABASE_URL", default="postgres:///odin"),
        "ENGINE": "django_tenants.postgresql_backend",
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }
}
DATABASE_ROUTERS = ["django_tenants.routers.TenantSyncRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL", broker.REDIS_URL)
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}
SESSION_ENGINE = "accounts.session_store"
# A session ends when nobody has used it for this long, and however much it is used after SESSION_MOST_S.
SESSION_COOKIE_AGE = env.int("ODIN_SESSION_IDLE_HOURS", 14 * 24) * 3600
SESSION_MOST_S = env.int("ODIN_SESSION_DAYS", 60) * 24 * 3600
SESSION_COOKIE_HTTPONLY = True
# No script of ours reads it: pages carry the token.
CSRF_COOKIE_HTTPONLY = True
# Browsers take a cookie of such a name over HTTPS, for this very host and for all paths only, so that no
# neighbour's page sets it.
COOKIE_PREFIX = "__Host-" if HTTPS else ""
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}sessionid"
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}csrftoken"

CELERY_BROKER_URL = broker.celery_url(REDIS_URL)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "UTC"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# Longer than the longest task (a slow upload), or a waiting message is handed out twice.
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 6 * 3600}

# For how long a browser may be spared the second step; 0 for never.
REMEMBER_DEVICE_DAYS = env.int("ODIN_REMEMBER_DEVICE_DAYS", 30)
# Whether Django's admin asks superadmins for a second step: where the site is reached by HTTPS it does.
SUPERADMIN_MFA = env.bool("ODIN_SUPERADMIN_MFA", HTTPS)

AUTH_USER_MODEL = "accounts.User"
AUTH_PASSWORD_VALIDATORS = [{"NAME": "accounts.password_rule.PasswordRule"}]
PASSWORD_HASHERS = ["accounts.hashing.Argon2"]
LOGIN_URL = "accounts:sign_in"
LOGIN_REDIRECT_URL = "/"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = ODIN_HOME / "static"
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 300
MEDIA_ROOT = ODIN_HOME / "files"
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_HANDLERS = ["models3d.uploads.WholeUpload"]
FILE_UPLOAD_TEMP_DIR = ODIN_HOME / "uploads"
for _folder in (FILE_UPLOAD_TEMP_DIR, STATIC_ROOT):
    _folder.mkdir(parents=True, exist_ok=True)
FILE_UPLOAD_PERMISSIONS = 0o600
MODEL_MAX_BYTES = 1024**3

# A server named by EMAIL_URL wins over the one that a superadmin sets in the pages; without either, mails are
# files in ODIN_HOME/mail.
_mail = env.email_url("EMAIL_URL") if env.str("EMAIL_URL", "") else {}
vars().update(_mail)
MAIL_BY_ENVIRONMENT = bool(_mail)
EMAIL_BACKEND = str(_mail.get("EMAIL_BACKEND", ""))
if EMAIL_BACKEND in {"", "django.core.mail.backends.smtp.EmailBackend"}:
    EMAIL_BACKEND = "accounts.mail_back_end.MailBackEnd"
DEFAULT_FROM_EMAIL = env.str("ODIN_MAIL_FROM", "odin@localhost")

# Printers live on private networks; only the demo and the tests have them on this very machine. The
# simulator's own addresses are allowed where the supervisor, which runs it, was told of a simulated farm.
ALLOW_LOOPBACK_PRINTERS = env.bool("ODIN_ALLOW_LOOPBACK_PRINTERS", False)
# Webhooks, chats and push go to public addresses, by https, unless this says otherwise.
ALLOW_PRIVATE_TARGETS = env.bool("ODIN_ALLOW_PRIVATE_TARGETS", False)
SUPERVISED = env.bool("ODIN_SUPERVISED", False)
SIMULATOR_CONFIG = ODIN_HOME / "demo" / "simulator.json"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz)$"]
SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
if env.bool("ODIN_BEHIND_PROXY", False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# Of orgs.limits: "upload=600/3000/600" is by one person, by an organisation, within so many seconds.
try:
    LIMITS = {
        name: tuple(int(number) for number in text.split("/"))
        for name, text in env.dict("ODIN_LIMITS", default={}).items()
    }
except ValueError:
    LIMITS = {"": ()}
if any(len(numbers) != 3 or min(numbers) < 1 for numbers in LIMITS.values()):
    raise ImproperlyConfigured("ODIN_LIMITS has to look like upload=600/3000/600,export=60/300/600.")

NINJA_PAGINATION_MAX_LIMIT = 2000

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "odin_site.masking.Masked",
            "format": "{asctime} {levelname} {name} {message}",
            "style": "{",
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env.str("ODIN_LOG_LEVEL", "INFO")},
    "loggers": {
        "celery.app.trace": {"level": "WARNING"},
        "celery.worker.strategy": {"level": "WARNING"},
        "celery.beat": {"level": "WARNING"},
        # At DEBUG these write down the addresses of webhooks, which are secrets, and whole messages.
        **{
            name: {"level": "INFO"}
            for name in ("urllib3", "requests_oauthlib", "apprise", "kombu", "amqp", "celery.pool", "asyncio")
        },
    },
}
