#!/usr/bin/env python
"""Run SeeStocks' commands: `python manage.py help` lists them."""

import os
import sys

from django.core.management import execute_from_command_line
from django.db import DatabaseError

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "seestocks.settings")
    try:
        execute_from_command_line(sys.argv)
    except DatabaseError as error:
        if "no such table" in str(error) or "does not exist" in str(error):
            sys.exit("The database is not set up yet: run `python manage.py migrate` first.")
        raise
