"""The real settings on a scratch folder, without what only slows tests down."""

import atexit
import os
import shutil
import tempfile

_scratch = tempfile.mkdtemp(prefix="seestocks-test-")
atexit.register(shutil.rmtree, _scratch, ignore_errors=True)
os.environ["SEESTOCKS_DATA"] = _scratch
os.environ["HF_HUB_OFFLINE"] = "1"

from seestocks.settings import *  # noqa: E402, F403  the folder must be set first

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {  # noqa: F405  no manifest to collect
    "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
}
STATIC_ROOT.mkdir()  # noqa: F405  whitenoise warns of a missing folder
SEESTOCKS_FETCH_PICTURES = False
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":  # noqa: F405
    # A file, as in life: threads that share SQLite's memory do not wait for each other.
    DATABASES["default"]["TEST"] = {"NAME": f"{_scratch}/test.sqlite3"}  # noqa: F405
