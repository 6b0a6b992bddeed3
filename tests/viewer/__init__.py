"""Tests of pages: Django is set up once a process, before anything of it is imported."""

from __future__ import annotations

import os

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "viewer.settings"
django.setup()
