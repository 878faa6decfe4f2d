"""README.md keeps step with the code: every command and every setting is in its tables."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
README = (ROOT / "README.md").read_text()
COMMANDS = sorted(
    path.stem for path in ROOT.glob("*/management/commands/*.py") if path.stem != "__init__"
)
SETTINGS = sorted(
    set(re.findall(r'env\.\w+\(\s*"(\w+)"', (ROOT / "seestocks" / "settings.py").read_text()))
)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_described(command: str) -> None:
    assert f"| `{command}" in README


@pytest.mark.parametrize("setting", SETTINGS)
def test_every_setting_is_described(setting: str) -> None:
    assert f"| `{setting}`" in README


def test_there_are_commands_and_settings_to_describe() -> None:
    assert {"rank", "import_products", "demo"} <= set(COMMANDS)
    assert {"SEESTOCKS_DATA", "DATABASE_URL"} <= set(SETTINGS)
