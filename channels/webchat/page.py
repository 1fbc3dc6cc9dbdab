"""The page itself: three files of our own, with headers that let a browser keep and load nothing else."""

from __future__ import annotations

import json
from html import escape
from pathlib import Path
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from bot.core.errors import SettingsError

_FILES = Path(__file__).parent / "static"

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow",
}


class Page:
    """Serves the three files.

    Raises:
        SettingsError: the quick exit leads nowhere.
    """

    def __init__(self, quick_exit_url: str) -> None:
        address = urlsplit(quick_exit_url)
        if address.scheme not in {"https", "http"} or not address.hostname:
            raise SettingsError("The web chat's quick exit must lead to a web address.")
        document = (_FILES / "page.html").read_text("utf-8")
        self._document = document.replace("{quick_exit_url}", escape(quick_exit_url, quote=True))
        self._style = (_FILES / "page.css").read_text("utf-8")
        self._script = (_FILES / "page.js").read_text("utf-8")

    async def document(self, request: Request) -> Response:
        """The page: neutral, empty, without a word about what it is for."""
        return Response(self._document, media_type="text/html", headers=HEADERS)

    async def style(self, request: Request) -> Response:
        """Its style."""
        return Response(self._style, media_type="text/css", headers=HEADERS)

    async def script(self, request: Request) -> Response:
        """Its script."""
        return Response(self._script, media_type="application/javascript", headers=HEADERS)


def answer(status: int, content: dict[str, object] | None = None, headers: dict[str, str] | None = None) -> Response:
    """A call's answer in ASCII JSON, so that lone surrogates survive; with the page's headers."""
    body = b"" if content is None else json.dumps(content, separators=(",", ":")).encode("ascii")
    return Response(body, status_code=status, media_type="application/json", headers={**HEADERS, **(headers or {})})
