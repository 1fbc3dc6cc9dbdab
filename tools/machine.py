"""This machine as setup.py needs it: can we run here, what does it lack, where do its packages come from.

Standard library only, because a bare machine has nothing else.
"""

from __future__ import annotations

import ast
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

PROMISE = "Debian 12 on x86_64 is the one system this is promised for"
# Every script must render in it. libatomic1: what drives the browser brings a Node.js that needs it.
BROWSER = ("chromium", "fonts-noto-core", "fonts-noto-cjk", "fonts-khmeros", "libatomic1")

# pip's names for what the machine says about its package index, and uv's.
PIP_TO_UV = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "trusted-host": "UV_INSECURE_HOST",
    "timeout": "UV_HTTP_TIMEOUT",
    "default-timeout": "UV_HTTP_TIMEOUT",
    "cert": "SSL_CERT_FILE",
    "proxy": "ALL_PROXY",
}


class SetupError(Exception):
    """Something only the person at the keyboard can mend; the text is shown as it is."""


def say(text: str) -> None:
    """Print one progress line."""
    print(f"setup: {text}", flush=True)


def run(command: list[str], environment: dict[str, str], *, given: str = "", quiet: bool = False) -> None:
    """Run one command with `given` as its input; its failure, with its output, is the setup's failure."""
    output = subprocess.PIPE if quiet else None
    done = subprocess.run(
        command, env=environment, input=given, stdout=output, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode != 0:
        print(done.stdout or "", file=sys.stderr)
        raise SetupError(f"this command failed ({done.returncode}): {' '.join(command)}")


def is_debian_12() -> bool:
    """Tell whether this is the promised distribution."""
    try:
        release = platform.freedesktop_os_release()
    except OSError:
        return False
    return (release.get("ID"), release.get("VERSION_ID")) == ("debian", "12")


def check_platform() -> None:
    """Refuse what cannot work at all: the locked wheels are for Linux on x86_64 with glibc."""
    if (sys.platform, platform.machine(), platform.libc_ver()[0]) != ("linux", "x86_64", "glibc"):
        raise SetupError(f"{PROMISE}; for {platform.platform()} the locked packages do not exist.")


def missing_packages(*, dev: bool, uv: Path) -> list[str]:
    """Name the Debian packages that the next steps need and this machine lacks."""
    missing = []
    if not uv.exists() and importlib.util.find_spec("ensurepip") is None:
        missing.append("python3-venv")
    if not Path(os.environ.get("SSL_CERT_FILE", "/etc/ssl/certs/ca-certificates.crt")).exists():
        missing.append("ca-certificates")
    if dev and is_debian_12():
        query = ["dpkg-query", "-W", "-f=${Package} ${db:Status-Status}\n", *BROWSER]
        known = subprocess.run(query, capture_output=True, text=True, check=False).stdout.splitlines()
        missing += [name for name in BROWSER if f"{name} installed" not in known]
    return missing


def install_packages(packages: list[str]) -> None:
    """Install them as root; tell anybody else the one line to type."""
    if not is_debian_12():
        raise SetupError(f"this machine lacks {', '.join(packages)} (Debian's names). {PROMISE}.")
    line = f"apt-get update && apt-get install -y --no-install-recommends {' '.join(packages)}"
    if os.geteuid() != 0:
        as_root = f"sudo sh -c '{line}'" if shutil.which("sudo") else f"su -c '{line}'"
        raise SetupError(f"Debian packages are missing. Type this line, then the same make again:\n\n    {as_root}\n")
    say(f"Debian packages: {' '.join(packages)}")
    apt = ["apt-get", "-qq", "-o", "Acquire::Retries=3", "-o", "Dpkg::Use-Pty=0"]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    run([*apt, "update"], environment)
    run([*apt, "install", "-y", "--no-install-recommends", *packages], environment, quiet=True)


def pip_settings(python: Path) -> dict[str, str]:
    """What this machine tells pip, by pip's own names; the environment (PIP_*) wins over the files."""
    command = [str(python), "-m", "pip", "config", "list"]
    listed = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    found: dict[str, str] = {}
    for section in ("global.", "install.", ":env:."):
        for line in listed.splitlines():
            name, _, value = line.partition("=")
            if name.startswith(section) and value:
                found[name.removeprefix(section)] = " ".join(str(ast.literal_eval(value)).split())
    return found


def is_reachable(value: str) -> bool:
    """Tell whether the local paths in a setting exist: pip passes over one that does not, uv stops at it."""
    paths = [word.removeprefix("file://") for word in value.split()]
    return all(Path(path).exists() for path in paths if path.startswith("/"))


def uv_environment(tools: Path) -> dict[str, str]:
    """The environment for uv, which reads no pip settings: the same index, certificates, proxy, patience.

    What the machine has set for uv itself stays as it is.
    """
    environment = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    for name, value in pip_settings(tools / "bin" / "python").items():
        if name in PIP_TO_UV and is_reachable(value):
            environment.setdefault(PIP_TO_UV[name], value)
    environment.setdefault("UV_SYSTEM_CERTS", "true")
    # pip looks at every index; uv stops at the first that knows the name. The hashes decide either way.
    environment.setdefault("UV_INDEX_STRATEGY", "unsafe-best-match")
    cache = Path(environment.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    if not os.access(next(folder for folder in (cache, *cache.parents) if folder.exists()), os.W_OK):
        environment.setdefault("UV_CACHE_DIR", str(tools / "cache"))
    return environment
