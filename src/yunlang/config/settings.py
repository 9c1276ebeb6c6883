"""Django's settings. What differs between installations comes from the environment (docs/architecture.md lists it)."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import dj_database_url
from csp.constants import NONE, SELF

from yunlang.config import environment
from yunlang.config.logging import configure_logging

PACKAGE = Path(__file__).resolve().parent.parent
HOME = environment.home()

DEBUG = environment.flag("YUNLANG_DEBUG")
SECRET_KEY = environment.secret_key()
# Former keys, the latest first: what was signed or sealed under them is still read.
SECRET_KEY_FALLBACKS = environment.words("YUNLANG_SECRET_KEY_FALLBACKS")
ALLOWED_HOSTS = environment.words("YUNLANG_ALLOWED_HOSTS", "127.0.0.1,localhost")
CSRF_TRUSTED_ORIGINS = environment.words("YUNLANG_TRUSTED_ORIGINS")
BEHIND_TLS = environment.flag("YUNLANG_BEHIND_TLS")

INSTALLED_APPS = [
    "yunlang.portal",
    "yunlang.matching",
    "yunlang.indicators",
    "yunlang.auctions",
    "yunlang.challenges",
    "yunlang.deals",
    "yunlang.registry",
    "yunlang.accounts",
    "yunlang.kit",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django_htmx",
    "procrastinate.contrib.django",
    "rules.apps.AutodiscoverRulesConfig",
    "ninja",
    "csp",
]

MIDDLEWARE = [
    "yunlang.portal.middleware.RequestMetricsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "yunlang.portal.middleware.ChineseFirstLocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "yunlang.portal.middleware.DomainErrorMiddleware",
    "yunlang.kit.storable.StorableTextMiddleware",
]

ROOT_URLCONF = "yunlang.config.urls"
ASGI_APPLICATION = "yunlang.config.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "yunlang.portal.context.site",
            ],
            "builtins": ["yunlang.portal.templatetags.yunlang"],
        },
    }
]

# The command line starts the embedded server and sets DATABASE_URL where none is given (config.database).
DATABASES = {"default": dj_database_url.config(default="postgresql://postgres@localhost/yunlang")}
# Opening a connection costs as much as a page's own queries; the web command turns the pool on.
# A lost connection is sought for as long as a request waits for one, and anew for the next: sought for longer, at ever
# longer intervals, the database would have been back for minutes before anybody noticed.
_POOL = {"min_size": 1, "max_size": 10, "timeout": 10.0, "reconnect_timeout": 10.0}
DATABASES["default"].setdefault("OPTIONS", {})["pool"] = _POOL if environment.flag("YUNLANG_DATABASE_POOL") else False
DATABASES["default"] |= {"CONN_MAX_AGE": 0, "CONN_HEALTH_CHECKS": True}

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["yunlang.accounts.authentication.EmailBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("name", "email")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "accounts:sign_in"
LOGIN_REDIRECT_URL = "portal:home"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LANGUAGE_COOKIE_AGE = int(timedelta(days=365).total_seconds())
LANGUAGE_COOKIE_SAMESITE = "Lax"
LOCALE_PATHS = [PACKAGE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

STATIC_URL = "static/"
STATIC_ROOT = HOME / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
UPLOADS = HOME / "uploads"
SEARCH_INDEX = HOME / "index"
SEARCH_URL = os.environ.get("YUNLANG_SEARCH_URL", "").strip()
SEARCH_TOKEN = os.environ.get("YUNLANG_SEARCH_TOKEN", "")
MATCHING_DICTIONARY = os.environ.get("YUNLANG_DICTIONARY", "")
MATCHING_RANKER = os.environ.get("YUNLANG_RANKER", "")
MATCHING_ENCODER = environment.choice("YUNLANG_ENCODER", ("e5", "static"))
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
# Streams of events that stay open in one web process: of one address, and in all.
LIVE_STREAMS_PER_ADDRESS = int(os.environ.get("YUNLANG_STREAMS_PER_ADDRESS", "100"))
LIVE_STREAMS = environment.streams()
UPLOAD_MAX_BYTES = 100 * 1024 * 1024

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = BEHIND_TLS
SESSION_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_TLS else None
SECURE_HSTS_SECONDS = 31_536_000 if BEHIND_TLS else 0
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# Where deposits of auctions are paid to; lines of the account are separated by «;».
DEPOSIT_PROVIDER = os.environ.get("YUNLANG_DEPOSIT_PROVIDER", "").strip() or "bank_transfer"
DEPOSIT_ACCOUNT = "\n".join(part.strip() for part in os.environ.get("YUNLANG_DEPOSIT_ACCOUNT", "").split(";")).strip()

# Without a mail server letters go to the log of the worker.
PUBLIC_ADDRESS = os.environ.get("YUNLANG_PUBLIC_ADDRESS", "http://127.0.0.1:8000").rstrip("/")
EMAIL_HOST = os.environ.get("YUNLANG_SMTP_HOST", "")
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'console'}.EmailBackend"
EMAIL_PORT = int(os.environ.get("YUNLANG_SMTP_PORT", "587"))
EMAIL_HOST_USER = os.environ.get("YUNLANG_SMTP_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("YUNLANG_SMTP_PASSWORD", "")
EMAIL_USE_SSL = os.environ.get("YUNLANG_SMTP_SECURITY", "starttls") == "tls"
EMAIL_USE_TLS = os.environ.get("YUNLANG_SMTP_SECURITY", "starttls") == "starttls"
EMAIL_TIMEOUT = 30
DEFAULT_FROM_EMAIL = os.environ.get("YUNLANG_MAIL_FROM", "Yunlang <noreply@localhost>")

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LOGGING_CONFIG = None
configure_logging(debug=DEBUG)
