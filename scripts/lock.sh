#!/usr/bin/env bash
# Pins every dependency with its hashes, one file per use. Run after changing pyproject.toml; needs uv.
set -euo pipefail
cd "$(dirname "$0")/.."
compile() {
  local name=$1
  shift
  uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
    --no-annotate --no-header --quiet "$@" --output-file "requirements/$name.lock"
}
compile runtime --extra build
compile test --extra build --extra test
compile cluster --extra build --extra cluster
compile bench --extra build --extra test --extra bench --constraint requirements/test.lock
