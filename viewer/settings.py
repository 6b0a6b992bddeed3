"""Django's settings: no database, nothing on disk, secrets that live as long as the process."""

from __future__ import annotations

import secrets

DEBUG = False
SECRET_KEY = secrets.token_urlsafe(48)
# The guard looks at the port too, and comes first; this is for Django's own looks at the name.
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
ROOT_URLCONF = "viewer.urls"
APPEND_SLASH = True
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = False
LANGUAGE_CODE = "en"
DATABASES: dict[str, object] = {}
DEFAULT_CHARSET = "utf-8"

INSTALLED_APPS = [
    "django_htmx",
    "lucide",
    "viewer",
]

MIDDLEWARE = [
    "viewer.middleware.guard",
    "viewer.assets.serve",
    "viewer.middleware.short_way",
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "viewer.middleware.way_in",
    "viewer.middleware.Troubles",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "viewer.context.messages",
                "viewer.context.header",
            ],
            "builtins": ["lucide.templatetags.lucide", "viewer.templatetags.viewer"],
        },
    }
]

# Sessions, and the secret of every form with them, live in this process: a cookie alone, which
# other ports of this computer get to see too, changes nothing.
SESSION_ENGINE = "viewer.sessions"
SESSION_COOKIE_NAME = "fapfav"  # the server adds its port, so that two viewers do not clash
SESSION_COOKIE_PATH = "/viewer/"
SESSION_COOKIE_SAMESITE = "Strict"
SESSION_COOKIE_HTTPONLY = True
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_USE_SESSIONS = True
CSRF_FAILURE_VIEW = "viewer.pages.errors.csrf_failed"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# Referrers go nowhere else; within, the Origin of a form is checked, which needs one.
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
SILENCED_SYSTEM_CHECKS = [
    # It serves plain HTTP on loopback, where nobody listens in on the way and there is no name that
    # a certificate could be for.
    "security.W004",  # no HSTS
    "security.W008",  # no redirect to HTTPS
    "security.W011",  # no `Secure` on the session's cookie, which browsers would not send then
]

# Uploads are text fields of forms; none is ever put on disk.
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 8 * 2**20  # a hundred thousand selected pictures take 6.5
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000

LOGGING_CONFIG = None  # `viewer.serve` says what is written, and where
