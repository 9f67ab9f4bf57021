#!/bin/bash
# Task A2 whole, killed at ten moments: ten times out of ten the same weights.
set -euo pipefail
export FULMAR_KILLS=10 FULMAR_EPOCHS=60
exec "$FULMAR_SOURCE/tests/e2e/kill_and_resume_test.py"
