"""The whole evaluation: sets, voices, report, floors. `hotline nlu test` starts it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console

from nlu.evaluate import report, shown
from nlu.evaluate.combined import both_heard
from nlu.evaluate.judging import Judge, Triggers, unmarked
from nlu.evaluate.sets import SETS, TestSet, load
from nlu.evaluate.variations import kept
from nlu.understand import Understander

REPORT = "report.json"
PICTURE = "report.svg"


def evaluate(
    understander: Understander,
    triggers: Triggers,
    *,
    root: Path,
    written_to: Path,
    sets: Sequence[str] = SETS,
    say: Callable[[str], None] = print,
) -> int:
    """Judge every set under `root` (`nlu/`), print the report, write it beside the model, compare it with the last.

    Returns the number of figures below their floors.
    """
    found = asyncio.run(_measured(Judge(understander, triggers), [load(root, name) for name in sets]))
    console = Console(record=True, width=200)
    shown.show(found, console)
    path = written_to / REPORT
    before = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    moved = list(report.changes(before, found))
    if moved:
        say("since the last report")
        for line in moved:
            say(f"  {line}")
    path.write_text(json.dumps(found, ensure_ascii=False, indent=1), encoding="utf-8")
    console.save_svg(str(written_to / PICTURE), title="hotline nlu test")
    below = report.below(found)
    for line in below:
        say(f"below the floor: {line}")
    for line in report.below(found, "goals"):
        say(f"goal not reached: {line}")
    say(f"written to {path} and {written_to / PICTURE}")
    return len(below)


async def _measured(judge: Judge, sets: Sequence[TestSet]) -> dict[str, report.Report]:
    found: dict[str, report.Report] = {}
    for tested in sets:
        if not tested.messages and not tested.examples:
            continue
        judged = await judge.judge(tested)
        moved = await kept(judged, judge) if tested.name == "held_out" else None
        found[tested.name] = report.of_set(judged, moved, await both_heard(judged, judge))
        bare = unmarked(tested)
        if bare.messages or bare.examples:
            figures = report.of_set(await judge.judge(bare))["languages"]["vi"]
            found[tested.name]["languages"]["vi unmarked"] = figures
    return found
