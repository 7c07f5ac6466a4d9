"""Django's settings, made from the environment; nothing else in Pult reads environment variables."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from pult import __version__
from pult.config.embedded_postgres import EmbeddedPostgres
from pult.config.environment import read_environment
from pult.config.headers import POLICY
from pult.config.logs import logging_settings
from pult.config.shades import SHADES

ENVIRONMENT = read_environment()
TELEGRAM = ENVIRONMENT.telegram
PULT_VERSION = __version__
PULT_ADDRESS = ENVIRONMENT.address
PULT_DATA_DIR = ENVIRONMENT.data_dir
PULT_UPLOADS_DIR = ENVIRONMENT.data_dir / "uploads"
PULT_UPLOAD_LIMIT = ENVIRONMENT.upload_limit
PULT_API_REQUESTS_PER_MINUTE = ENVIRONMENT.api_requests_per_minute
PULT_WEBHOOK_PRIVATE = ENVIRONMENT.webhook_private
PULT_KEYRING_FILE = ENVIRONMENT.keyring_file
METRICS_TOKEN = ENVIRONMENT.metrics_token
DEVELOPMENT = not ENVIRONMENT.production

SECRET_KEY = ENVIRONMENT.secret_key
SECRET_KEY_FALLBACKS = list(ENVIRONMENT.former_secret_keys)
DEBUG = False
ALLOWED_HOSTS = [ENVIRONMENT.hostname] + (["127.0.0.1", "localhost", "[::1]"] if DEVELOPMENT else [])
CSRF_TRUSTED_ORIGINS = [ENVIRONMENT.address]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ENVIRONMENT.https else None
SECURE_HSTS_SECONDS = 31_536_000 if ENVIRONMENT.https else 0
SECURE_REFERRER_POLICY = "same-origin"
CONTENT_SECURITY_POLICY = {"DIRECTIVES": POLICY}
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = ENVIRONMENT.https
# `__Host-`: browsers take such a cookie only over https, for this very host and the whole of it (RFC 6265bis).
_COOKIE_PREFIX = "__Host-" if ENVIRONMENT.https else ""
SESSION_COOKIE_NAME = f"{_COOKIE_PREFIX}pult_session"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = f"{_COOKIE_PREFIX}csrftoken"
# Pages carry the token themselves, for forms and for htmx: no script reads the cookie.
CSRF_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_NAME = "pult_language"
X_FRAME_OPTIONS = "DENY"

INSTALLED_APPS = [
    # Before Django's own panel: its templates win.
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "django.contrib.admin.apps.SimpleAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "django_htmx",
    # Before allauth: our templates and texts win over its own.
    "pult.core.people",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "procrastinate.contrib.django",
    "pult.core.audit",
    "pult.core.api",
    "pult.core.webhooks",
    "pult.core.watch",
    "pult.core.panel",
    "pult.core.telegram",
    "pult.core.bots",
    "pult.core.privacy",
    "pult.modules.checks",
    # After those who use it: its words ("All", "Cancel") are a fallback for applications that have none of their own.
    "pult.core.ui",
    # Last: when it is ready everything has registered, and it closes the registry.
    "pult.config",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "pult.config.headers.HeadersMiddleware",
    "csp.middleware.CSPMiddleware",
    "pult.config.requests.RequestLogMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "pult.core.api.web.middleware.ApiMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "pult.config.requests.VisitorBodyMiddleware",
    "pult.core.people.web.middleware.PersonPreferencesMiddleware",
    "pult.core.people.web.middleware.BrowserSessionMiddleware",
    "pult.core.people.web.middleware.SecondFactorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "pult.config.urls"
ASGI_APPLICATION = "pult.config.asgi.application"
WSGI_APPLICATION = "pult.config.wsgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        # What the panel says otherwise than unfold and Django would.
        "DIRS": [Path(__file__).parents[1] / "core/panel/over/templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "django.template.context_processors.tz",
                "pult.core.ui.context.page",
            ],
        },
    },
]
FORM_RENDERER = "pult.core.ui.forms.Renderer"


# After an outage the pool must look for the database within seconds, not after a pause as long as the outage was.
POOL = {"min_size": 1, "max_size": 12, "timeout": 10, "reconnect_timeout": 5}


def database(url: str) -> dict[str, Any]:
    """Django's connection settings for a PostgreSQL address, with a pool (an unpooled query costs eight times more)."""
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    host = options.pop("host", parts.hostname or "")
    port = options.pop("port", str(parts.port or ""))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or options.pop("user", "")),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": port,
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {**options, "pool": POOL},
        "TEST": {"TEMPLATE": None},
    }


DATABASES = {
    "default": database(ENVIRONMENT.database_url or EmbeddedPostgres(PULT_DATA_DIR / "postgres").url())
}
# People whom only Telegram names have an empty e-mail; all others are unique (a constraint says so).
SILENCED_SYSTEM_CHECKS = ["auth.W004"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    # Limits of sign-in attempts live here: in the database, so that every web process counts the same.
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "django_cache",
        # Beyond this (Django: 300) rows go whose time is not over: somebody could push the counts of others out.
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    },
}

AUTH_USER_MODEL = "people.Person"
# Alone: it is a ModelBackend itself, and two of them would hash each wrong password twice.
AUTHENTICATION_BACKENDS = ["pult.core.people.backend.SignInBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_REDIRECT_URL = "/"
LOGIN_URL = "account_login"
ACCOUNT_ADAPTER = "pult.core.people.adapters.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "pult.core.people.web.account_forms.SignInForm",
    "change_password": "pult.core.people.web.account_forms.PasswordChangeForm",
    "reset_password": "pult.core.people.web.account_forms.PasswordResetForm",
    "reset_password_from_key": "pult.core.people.web.account_forms.NewPasswordForm",
    "reauthenticate": "pult.core.people.web.second_factor_forms.PasswordAgainForm",
}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = "[Pult] "
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if ENVIRONMENT.https else "http"
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/300s/key",
    "change_email": "5/300s/user",
    # Codes of the bot that were wrong: of one address, and of all of them together (10^8 codes, five minutes each).
    "telegram_code": "10/300s/ip,100/300s/key",
    # What arrives from Telegram through browsers, before anything is checked.
    "telegram_arrival": "30/m/ip",
}
# A password or code typed again opens the pages on which factors change for so many seconds.
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600
MFA_ADAPTER = "pult.core.people.second_factor.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_FORMS = {
    "authenticate": "pult.core.people.web.second_factor_forms.SecondStepForm",
    "authenticate_webauthn": "pult.core.people.web.second_factor_forms.SecondStepKeyForm",
    "reauthenticate": "pult.core.people.web.second_factor_forms.CodeAgainForm",
    "reauthenticate_webauthn": "pult.core.people.web.second_factor_forms.KeyAgainForm",
    "activate_totp": "pult.core.people.web.second_factor_forms.AppForm",
    "add_webauthn": "pult.core.people.web.second_factor_forms.KeyForm",
    "edit_webauthn": "pult.core.people.web.second_factor_forms.KeyNameForm",
}
MFA_TOTP_ISSUER = "Pult"
# One step of 30 seconds before and after: clocks of phones are not exact.
MFA_TOTP_TOLERANCE = 1
MFA_RECOVERY_CODES_SHOW_ONCE = True
# Browsers accept keys without https on localhost only; behind https the origin is checked.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not ENVIRONMENT.https
# Signing in with Telegram by OpenID Connect. Nobody gets an account by it: who it names must be known here already.
SOCIALACCOUNT_ADAPTER = "pult.core.people.adapters.TelegramAdapter"
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": "telegram",
                "name": "Telegram",
                "client_id": TELEGRAM.oidc_client_id,
                "secret": TELEGRAM.oidc_secret,
                "settings": {
                    "server_url": TELEGRAM.oauth_url,
                    "fetch_userinfo": False,
                    "token_auth_method": "client_secret_basic",
                    "uid_field": "id",
                    "scope": ["openid", "profile"],
                },
            }
        ]
        if TELEGRAM.oidc_client_id
        else [],
    }
}
SOCIALACCOUNT_REQUESTS_TIMEOUT = 10
ALLAUTH_TRUSTED_PROXY_COUNT = ENVIRONMENT.proxies

# Each language under its own name: whoever looks for it may not read the others.
LANGUAGES = [("en", "English"), ("ru", "Русский")]
LANGUAGE_CODE = ENVIRONMENT.language
TIME_ZONE = ENVIRONMENT.time_zone
USE_I18N = True
USE_TZ = True
USE_THOUSAND_SEPARATOR = True

STATIC_URL = "/static/"
# Files are served from where the packages keep them: no collecting step between a clone and the first page.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_MAX_AGE = 600
DATA_UPLOAD_MAX_MEMORY_SIZE = 16 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

_SIDEBAR = "pult.core.panel.sidebar"
UNFOLD = {
    "SITE_TITLE": "Pult",
    "SITE_HEADER": "Pult",
    "SITE_URL": "/",
    "SITE_ICON": f"{_SIDEBAR}.mark",
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "STYLES": [f"{_SIDEBAR}.style"],
    "SCRIPTS": [f"{_SIDEBAR}.script"],
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": f"{_SIDEBAR}.mark"}],
    "SIDEBAR": {"show_search": False, "show_all_applications": False, "navigation": f"{_SIDEBAR}.groups"},
    "BORDER_RADIUS": "0.5rem",
    # Pult's warm greys and its petrol, in the eleven steps that unfold wants.
    "COLORS": {"base": SHADES["grey"], "primary": SHADES["petrol"]},
}

SIMULATED_TELEGRAM = TELEGRAM.simulated
BOT_UPDATES = ENVIRONMENT.bot_updates
UPDATES_KEPT_DAYS = ENVIRONMENT.updates_kept_days
SIMULATOR_URL = TELEGRAM.control_url

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"

if ENVIRONMENT.mail_url:
    _mail = urlsplit(ENVIRONMENT.mail_url)
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST, EMAIL_PORT = _mail.hostname or "", _mail.port or (465 if _mail.scheme == "smtps" else 587)
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = unquote(_mail.username or ""), unquote(_mail.password or "")
    EMAIL_USE_SSL, EMAIL_USE_TLS = _mail.scheme == "smtps", _mail.scheme == "smtp" and bool(_mail.username)
    EMAIL_TIMEOUT = 20
else:
    EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
MAIL_CONFIGURED = ENVIRONMENT.mail_url is not None
DEFAULT_FROM_EMAIL = SERVER_EMAIL = ENVIRONMENT.mail_from

LOGGING_CONFIG = None
logging_settings(ENVIRONMENT)
