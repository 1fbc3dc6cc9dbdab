"""The queue and the conversation view: reading, taking, writing, giving back."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from bot.core.catalogue import Catalogue
from bot.core.clock import Clock
from bot.core.errors import AlreadyHeld, NotApproved
from bot.store.cases import OUTCOMES
from escalation.console import shown, words
from escalation.console.card import card_of
from escalation.console.guard import visitor_of
from escalation.console.pages import Pages, to
from escalation.queue import CaseView, Queue
from escalation.refusals import HiddenView, NotHeld, NothingToSay

_FormText = Annotated[str, Form()]


class CaseRoutes:
    """The routes of cases."""

    def __init__(self, queue: Queue, pages: Pages, clock: Clock, catalogue: Catalogue) -> None:
        self._queue = queue
        self._pages = pages
        self._clock = clock
        self._catalogue = catalogue

    def router(self) -> APIRouter:
        """All of them."""
        router = APIRouter()
        hidden: dict[str, Any] = {"include_in_schema": False}
        router.get("/", **hidden)(self.queue)
        router.get("/queue", **hidden)(self.queue_part)
        router.get("/cases/{case_id}", **hidden)(self.case)
        router.get("/cases/{case_id}/lines", **hidden)(self.lines)
        router.post("/cases/{case_id}/claim", **hidden)(self.claim)
        router.post("/cases/{case_id}/reply", **hidden)(self.reply)
        router.post("/cases/{case_id}/release", **hidden)(self.release)
        router.post("/cases/{case_id}/close", **hidden)(self.close)
        router.get("/api/cases")(self.cases_json)
        return router

    async def queue(self, request: Request) -> Response:
        """The queue, with everything around it."""
        return self._pages.show(request, "queue.html", **await self._rows())

    async def queue_part(self, request: Request) -> Response:
        """The queue alone, fetched again whenever something changed."""
        return self._pages.show(request, "_queue.html", **await self._rows())

    async def cases_json(self) -> list[dict[str, Any]]:
        """Open cases, the most urgent first; no text (as `hotline cases --json`)."""
        now = self._clock.now()
        return [shown.row_json(row, now) for row in await self._queue.open_cases()]

    async def case(self, request: Request, case_id: UUID) -> Response:
        """One case; the look is written down."""
        return await self._show(request, case_id)

    async def lines(self, request: Request, case_id: UUID) -> Response:
        """The moving part of the same page, fetched again whenever something changed."""
        view = await self._queue.view(case_id, visitor_of(request).operator, log=False)
        return self._pages.show(request, "_case.html", **self._view(request, view))

    async def claim(self, request: Request, case_id: UUID) -> Response:
        """Take a case, or be told who has it."""
        try:
            claimed = await self._queue.claim(case_id, visitor_of(request).operator)
        except AlreadyHeld as held:
            sentence = f"{held} holds this case." if str(held) != "nobody" else "This case is closed."
            return await self._show(request, case_id, 409, problem=sentence)
        return to(f"/cases/{case_id}?done={'on_its_way' if claimed.one_on_its_way else 'claimed'}")

    async def reply(
        self,
        request: Request,
        case_id: UUID,
        client_id: Annotated[UUID, Form()],
        text: _FormText = "",
        phrase: _FormText = "",
        into_hidden: _FormText = "",
        instead_of: Annotated[UUID | None, Form()] = None,
    ) -> Response:
        """Write to the person. What could not be sent stays in the box."""
        try:
            outcome = await self._queue.reply(
                case_id,
                visitor_of(request).operator,
                client_id,
                text=text,
                phrase=phrase or None,
                into_hidden=into_hidden == "yes",
                instead_of=instead_of,
            )
        except (NotHeld, HiddenView, NothingToSay, NotApproved) as refused:
            return await self._show(request, case_id, 409, problem=str(refused), text=text)
        return to(f"/cases/{case_id}?done={outcome}#end")

    async def release(self, request: Request, case_id: UUID) -> Response:
        """Put the case back into the queue."""
        try:
            await self._queue.release(case_id, visitor_of(request).operator)
        except NotHeld:
            return await self._show(request, case_id, 409, problem="You do not hold this case now.")
        return to("/?done=released")

    async def close(self, request: Request, case_id: UUID, outcome: _FormText = "") -> Response:
        """End the case with an outcome."""
        if outcome not in OUTCOMES:
            return await self._show(request, case_id, 400, problem="Choose how the case ended.")
        try:
            await self._queue.close(case_id, visitor_of(request).operator, outcome)
        except NotHeld:
            return await self._show(request, case_id, 409, problem="You do not hold this case now.")
        return to("/?done=closed")

    async def _show(
        self, request: Request, case_id: UUID, status: int = 200, *, problem: str = "", text: str = ""
    ) -> Response:
        view = await self._queue.view(case_id, visitor_of(request).operator)
        values = self._view(request, view)
        return self._pages.show(request, "case.html", status, problem=problem, text=text, **values)

    def _view(self, request: Request, view: CaseView) -> dict[str, Any]:
        row, operator = view.row, visitor_of(request).operator
        head = shown.row_shown(row, self._clock.now(), self._catalogue)
        lines = view.lines and [shown.line_shown(line, row.language, head.who, self._catalogue) for line in view.lines]
        return {
            "head": head,
            "lines": lines,
            "events": shown.events_shown(view.events),
            "card": None if view.lines is None else card_of(view.slots, operator.languages, self._catalogue),
            "mine": row.state == "held" and row.holder_id == operator.id,
            "phrases": shown.phrases(row.language, row.view, self._catalogue),
            "language": row.language,
            "outcomes": words.OUTCOMES,
            "do_not": words.DO_NOT,
            "client_id": uuid4(),
        }

    async def _rows(self) -> dict[str, Any]:
        now = self._clock.now()
        rows = [shown.row_shown(row, now, self._catalogue) for row in await self._queue.open_cases()]
        return {
            "waiting": [row for row in rows if row.state == "waiting"],
            "held": [row for row in rows if row.state == "held"],
        }
