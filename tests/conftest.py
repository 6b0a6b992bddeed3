"""What holds for every test."""

from __future__ import annotations

import os

# Before anything imports it: ONNX Runtime would keep a device id in the home folder and report.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
