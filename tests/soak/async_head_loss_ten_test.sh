#!/bin/bash
# The head of an asynchronous run is killed ten times, and no update of its journal is lost.
set -euo pipefail
HEAD_KILLS=10 exec "$FULMAR_SOURCE/tests/process/async_head_loss_test.py"
