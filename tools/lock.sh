#!/usr/bin/env bash
# Writes the four locks anew from pyproject.toml: `tools/lock.sh`. Needs uv (`make setup` puts one into .tools) and Python 3.11.
#
# - No index address and no path of a machine gets into a lock: the index is the machine's own business.
# - Nothing younger than LOCK_BEFORE (default: six days ago) is taken. Mirrors lag, and a bad release is mostly found in its first days.
# - Rasa 3.6 says "Python < 3.11", so its set is resolved for 3.10; every pin has a wheel for 3.11, where it is installed.
#   Two pins of Rasa's had none: matplotlib (3.7.5 instead of 3.5) and multidict (6 instead of 5).
set -euo pipefail
cd "$(dirname "$0")/.."
uv=$(command -v .tools/bin/uv uv | head -n 1)
before=${LOCK_BEFORE:-$(date -u -d '6 days ago' +%Y-%m-%dT00:00:00Z)}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

compile() { # compile PYTHON_VERSION ARGUMENTS...: pins with hashes on stdout
  local version=$1
  shift
  "$uv" pip compile --quiet --python 3.11 --python-version "$version" --exclude-newer "$before" \
    --generate-hashes --no-header --no-annotate "$@"
}

group() { # group NAME: the lines of a dependency group
  .venv/bin/python -c 'import sys, tomllib
print(*tomllib.load(open("pyproject.toml", "rb"))["dependency-groups"][sys.argv[1]], sep="\n")' "$1"
}

# Only these are published as source alone. They are plain Python and are built with the setuptools of the lock itself.
wheels_but() { printf -- '--only-binary :all:\n'; printf -- '--no-binary %s\n' "$@"; }

{ wheels_but langdetect; compile 3.11 pyproject.toml; } >"$scratch/run"
{ wheels_but langdetect; compile 3.11 pyproject.toml --group dev --constraint <(grep -E '^[a-z].*==' "$scratch/run" | tr -d '\\'); } >"$scratch/dev"

printf 'matplotlib==3.7.5\nmultidict>=6,<7\n' >"$scratch/overrides"
{
  wheels_but docopt mattermostwrapper randomname
  group nlu | grep -v '^icu4py' | compile 3.10 --override "$scratch/overrides" -
  # icu4py starts at Python 3.11; the one thing it needs (typing-extensions) is in Rasa's set.
  group nlu | grep '^icu4py' | compile 3.11 --no-deps -
} >"$scratch/nlu"

echo 'uv>=0.9' | compile 3.11 - >"$scratch/tools"

mv "$scratch/run" requirements.txt
mv "$scratch/dev" requirements-dev.txt
mv "$scratch/nlu" nlu/requirements.txt
mv "$scratch/tools" tools/requirements.txt
grep -c '==' requirements.txt requirements-dev.txt nlu/requirements.txt tools/requirements.txt
