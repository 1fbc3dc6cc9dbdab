"""Rendering: Jinja2 with autoescape and no undefined names, and the files that pages load."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from escalation.console import alert, words
from escalation.console.guard import Visitor

_HERE = Path(__file__).parent
_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}


class Pages:
    """Every page of the console. `demo` puts the test line's notice on each."""

    def __init__(self, *, demo: bool) -> None:
        self._demo = demo
        self._templates = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters["clock"] = _clock
        self._files = {path.name: (_TYPES[path.suffix], path.read_bytes()) for path in (_HERE / "static").iterdir()}
        self._files["alert.wav"] = ("audio/wav", alert.sound())

    def show(self, request: Request, name: str, status: int = 200, **values: Any) -> HTMLResponse:
        """One page. The visitor, if any, is known to every template."""
        visitor = getattr(request.state, "visitor", None)
        page = self._templates.get_template(name).render(
            visitor=visitor if isinstance(visitor, Visitor) else None,
            demo=self._demo,
            done=words.DONE.get(request.query_params.get("done", ""), ""),
            **values,
        )
        return HTMLResponse(page, status)

    def message(self, request: Request, status: int, sentence: str) -> HTMLResponse:
        """A page with one sentence on it."""
        return self.show(request, "message.html", status, sentence=sentence)

    def file(self, name: str) -> Response:
        """One of our own files; 404 for any other name."""
        found = self._files.get(name)
        return Response(status_code=404) if found is None else Response(found[1], media_type=found[0])


def to(path: str) -> RedirectResponse:
    """After a form: go and look."""
    return RedirectResponse(path, status_code=303)


def _clock(moment: datetime) -> str:
    return moment.strftime("%d %b %H:%M UTC")
