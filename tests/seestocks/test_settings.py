"""What an installation makes for itself when it starts for the first time."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from seestocks.settings import BASE_DIR, secret_key

README = (BASE_DIR / "README.md").read_text()
SIGN_IN = "from django.test import Client; print(Client().get('/sign-in/').status_code)"


def test_processes_that_start_together_have_one_key(tmp_path: Path) -> None:
    gate, keys = threading.Barrier(16), list[str]()

    def start() -> None:
        gate.wait()
        keys.append(secret_key(tmp_path))

    starts = [threading.Thread(target=start) for _ in range(16)]
    for one in starts:
        one.start()
    for one in starts:
        one.join()
    assert len(keys) == 16
    assert len(set(keys)) == 1
    assert len(keys[0]) > 50
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0


@pytest.mark.long
def test_after_the_documented_steps_the_site_answers(tmp_path: Path) -> None:
    steps = re.findall(r"python manage\.py ((?:migrate|collectstatic)[^#\n]*)", README)
    environment = {
        **os.environ,
        "SEESTOCKS_DATA": str(tmp_path),
        "DATABASE_URL": f"sqlite:///{tmp_path / 'db.sqlite3'}",
        "ALLOWED_HOSTS": "testserver",
        "DJANGO_SETTINGS_MODULE": "seestocks.settings",
    }
    for arguments in (*map(str.split, steps), ["shell", "-v", "0", "-c", SIGN_IN]):
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=BASE_DIR,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "200"
