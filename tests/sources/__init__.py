"""Tests of the sources; `contract` is what every source promises."""

import pytest

# Its asserts belong to the tests that inherit them, and should explain themselves as theirs do.
pytest.register_assert_rewrite("tests.sources.contract")
