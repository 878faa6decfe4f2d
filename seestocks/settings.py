"""Every setting of SeeStocks, read from the environment; README.md lists them all."""

import os
import secrets
from contextlib import suppress
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path
from tempfile import NamedTemporaryFile

from celery.schedules import crontab
from csp.constants import NONE, SELF
from environs import Env, validate

from judgments.truth import RULES, source_weights

env = Env()
BASE_DIR = Path(__file__).resolve().parent.parent


def data_folder() -> Path:
    """Return SEESTOCKS_DATA, made if it is missing: all state lives below it."""
    folder = Path(env.str("SEESTOCKS_DATA", str(BASE_DIR / "var"))).expanduser().resolve()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def secret_key(folder: Path) -> str:
    """Return the installation's own key, drawn once and readable by its owner alone."""
    path = folder / "secret_key"
    if not path.exists():
        # Under its name only when it is whole: of processes that start together one wins.
        with NamedTemporaryFile("w", dir=folder) as draft:  # readable by its owner alone
            draft.write(secrets.token_urlsafe(50))
            draft.flush()
            with suppress(FileExistsError):
                os.link(draft.name, path)
    return path.read_text()


DATA = data_folder()

# The web

SECRET_KEY = env.str("SECRET_KEY", "") or secret_key(DATA)
DEBUG = env.bool("DEBUG", False)
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", [])
ROOT_URLCONF = "seestocks.urls"
WSGI_APPLICATION = "seestocks.wsgi.application"

INSTALLED_APPS = [
    "seestocks",
    "ranking",
    "judgments",
    "taxonomy",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "csp",
    "knox",
    "drf_spectacular",
    "django_celery_beat",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "ranking.api.storefront.ahead",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "taxonomy.web.refuse_nul",
    "taxonomy.web.count_anew",
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
                "taxonomy.web.shell",
            ],
        },
    }
]

LOGIN_URL = "sign_in"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("MinimumLengthValidator", "CommonPasswordValidator", "NumericPasswordValidator")
]
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "sign_in"

# People's tokens for programs: kept as hashes, shown once. Nobody has more than the limit.
REST_KNOX = {"TOKEN_TTL": timedelta(days=90), "TOKEN_LIMIT_PER_USER": 10}

# Nothing is allowed but what our own pages need: no inline script or style, no other host.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "connect-src": [SELF],
        "font-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
SECURE_REFERRER_POLICY = "same-origin"
# Set HTTPS=true behind a proxy that speaks TLS; the demo on loopback does not.
HTTPS = env.bool("HTTPS", False)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = DATA / "static"
WHITENOISE_USE_FINDERS = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

LANGUAGE_CODE = "en"
TIME_ZONE = env.str("TIME_ZONE", "UTC")
USE_I18N = False
USE_TZ = True

REST_FRAMEWORK = {
    # JSON alone, in and out: the pages that DRF can draw need what the policy above forbids.
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["taxonomy.bounded_json.BoundedJSON"],
    # A view that forgets to say who may use it is still closed to strangers.
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    # No password in a header: people sign in as they do for the pages.
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    # OPTIONS would tell of our classes what the documentation tells better.
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_SCHEMA_CLASS": "seestocks.schema.Described",
    # How many proxies stand before us, each of which adds the address it was asked from.
    "NUM_PROXIES": env.int("PROXIES", 0),
}

SPECTACULAR_SETTINGS = {
    "TITLE": "SeeStocks",
    "DESCRIPTION": "What people can do here, for programs, with the same permissions.",
    "VERSION": version("seestocks"),
    "SCHEMA_PATH_PREFIX": "/api/",
    "COMPONENT_SPLIT_PATCH": False,  # whoever changes a thing says which state it was in
    "POSTPROCESSING_HOOKS": ["seestocks.schema.complete"],
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_AUTHENTICATION": [
        "taxonomy.rest.ByToken",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
}

# Whose programs may read what is published: "token", of people who may, or "anonymous".
SEESTOCKS_STOREFRONT = env.str(
    "SEESTOCKS_STOREFRONT", "token", validate=validate.OneOf(("token", "anonymous"))
)
# How often each of them may, a minute; 0 for no bound.
SEESTOCKS_STOREFRONT_RATE = env.int(
    "SEESTOCKS_STOREFRONT_RATE", 6_000, validate=validate.Range(min=0)
)

# Rows

DATABASES = {
    "default": env.dj_db_url("DATABASE_URL", f"sqlite:///{DATA / 'db.sqlite3'}", conn_max_age=600)
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        # A writer waits its turn instead of failing, and takes the lock before it reads.
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA temp_store=MEMORY;"
            " PRAGMA mmap_size=134217728; PRAGMA cache_size=-16000;"
        ),
    }
else:
    # Compiling a query takes longer than any of ours takes to run: for leases, three times.
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault("options", "-c jit=off")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# The memory of each web process, or what CACHE_URL names: redis://host:6379/1.
CACHES = {"default": env.dj_cache_url("CACHE_URL", "locmem://")}
if CACHES["default"]["BACKEND"].endswith("LocMemCache"):
    # The default of 300 entries would thrash: every page of a shop must fit.
    CACHES["default"]["OPTIONS"] = {"MAX_ENTRIES": 10_000}

# Mails, to those who are told when a night fails; by default they are printed in the worker's log.

vars().update(env.dj_email_url("EMAIL_URL", "console:"))
EMAIL_TIMEOUT = 10  # seconds
DEFAULT_FROM_EMAIL = env.str("EMAIL_FROM", "seestocks@localhost")
# Where people reach this installation: links in mails begin with it.
SEESTOCKS_ADDRESS = env.str("SEESTOCKS_ADDRESS", "")
# Hosts inside one's own network that webhooks may call.
SEESTOCKS_INNER_HOSTS: list[str] = env.list("SEESTOCKS_INNER_HOSTS", [])

# Work in the background

CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", "filesystem://localhost")
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_DEFAULT_QUEUE = "batch"
CELERY_TASK_ROUTES = {
    "ranking.tasks.work_on_job": {"queue": "learning"},
    "ranking.tasks.sweep": {"queue": "interactive"},
    "ranking.tasks.begin_night": {"queue": "interactive"},
    "ranking.tasks.answer_preview": {"queue": "interactive"},
    "ranking.tasks.deliver": {"queue": "interactive"},
    "ranking.tasks.answer_why_not": {"queue": "interactive"},
    "ranking.tasks.answer_rules_preview": {"queue": "interactive"},
    "judgments.tasks.sweep": {"queue": "interactive"},
    "judgments.tasks.sweep_agreement": {"queue": "interactive"},
    "judgments.tasks.measure_agreement": {"queue": "interactive"},
    "judgments.tasks.sweep_gaps": {"queue": "interactive"},
    "judgments.tasks.propose_gold": {"queue": "interactive"},
}
CELERY_TIMEZONE = TIME_ZONE
# Runs whose message was lost, or whose worker died, are rung for again.
CELERY_BEAT_SCHEDULE = {
    "sweep": {
        "task": "ranking.tasks.sweep",
        "schedule": 20.0,
        "options": {"expires": 20},
    },
    "thin-runs": {
        "task": "ranking.tasks.thin_runs",
        "schedule": crontab(hour="4", minute="30"),
        "options": {"expires": 3600},
    },
    "sweep-agreement": {
        "task": "judgments.tasks.sweep_agreement",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "sweep-campaigns": {
        "task": "judgments.tasks.sweep",
        "schedule": 20.0,
        "options": {"expires": 20},
    },
    "sweep-gaps": {
        "task": "judgments.tasks.sweep_gaps",
        "schedule": 20.0,
        "options": {"expires": 20},
    },
    "propose-gold": {
        "task": "judgments.tasks.propose_gold",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
}
# The schedule is rows, so that people set the hour of the nights on a page.
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
if CELERY_BROKER_URL.startswith("filesystem:"):
    _letters = DATA / "broker"
    (_letters / "messages").mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(_letters / "messages"),
        "data_folder_out": str(_letters / "messages"),
        "control_folder": str(_letters / "control"),
        "polling_interval": 0.05,  # its default of a second is felt at every click
    }
else:
    # A web process must not hang on a dead broker: the ledger and the sweeper heal the loss.
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "socket_connect_timeout": 2,
        "socket_timeout": 5,
        "max_retries": 1,
        "visibility_timeout": 6 * 3600,
    }

# The ranking

# An open_clip model (`ViT-B-32`, with SEESTOCKS_ENCODER_WEIGHTS its pretrained tag or a
# checkpoint), a folder (`local-dir:/path`), or the embedded default.
SEESTOCKS_ENCODER = env.str("SEESTOCKS_ENCODER", "seestocks-minilm")
SEESTOCKS_ENCODER_WEIGHTS = env.str("SEESTOCKS_ENCODER_WEIGHTS", "")
# What a cross-encoder's training starts from: a folder of a BERT-shaped model, or MiniLM.
SEESTOCKS_CROSS_ENCODER = env.str("SEESTOCKS_CROSS_ENCODER", "")
# The share of wrong products among those shown that a page may have: outliers are removed for it.
SEESTOCKS_WRONG_SHOWN = env.float(
    "SEESTOCKS_WRONG_SHOWN", 0.05, validate=validate.Range(min=0, max=1)
)
# Cores that an encoder uses; all else in a worker keeps to one.
SEESTOCKS_THREADS = env.int("SEESTOCKS_THREADS", min(4, os.cpu_count() or 1))
# Where Google publishes its taxonomy; {locale} stands for the language.
SEESTOCKS_TAXONOMY_ADDRESS = env.str(
    "SEESTOCKS_TAXONOMY_ADDRESS",
    "https://www.google.com/basepages/producttype/taxonomy-with-ids.{locale}.txt",
)
# A worker that says nothing for so long has lost its work to the next one.
SEESTOCKS_LEASE_SECONDS = env.int("SEESTOCKS_LEASE_SECONDS", 60)
# How people's words become the grade that is learned from; see judgments/truth/.
SEESTOCKS_TRUTH = env.str("SEESTOCKS_TRUTH", "median", validate=validate.OneOf(RULES))
# How much a word counts by its source, where that differs: "merchandiser=0.5,imported=0.8".
SEESTOCKS_SOURCE_WEIGHTS = source_weights(env.str("SEESTOCKS_SOURCE_WEIGHTS", ""))
SEESTOCKS_PAGE_SIZE = env.int("SEESTOCKS_PAGE_SIZE", 48, validate=validate.Range(min=1, max=1000))
# An address of a picture is fetched only when this is on.
SEESTOCKS_FETCH_PICTURES = env.bool("SEESTOCKS_FETCH_PICTURES", True)
# Suggested lines of the owner's choice, read by workers alone: a CSV, or a service's address.
SEESTOCKS_SUGGESTIONS_FILE = env.str("SEESTOCKS_SUGGESTIONS_FILE", "")
SEESTOCKS_SUGGESTIONS_URL = env.str("SEESTOCKS_SUGGESTIONS_URL", "")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", "INFO")},
    # They tell at INFO of each try and each request.
    "loggers": {name: {"level": "WARNING"} for name in ("faiss", "httpx")},
}
