"""The danger scan: which triggers of the ladder a text carries, by phrases alone, in every language at once.

It needs no model, no network and no language guess, so it works at intake and while everything else is down
(design §2.5). On doubt it raises; only a plain denial close to a phrase does not alarm.
"""

from __future__ import annotations

import gc
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache

from bot.core.ladder import Level, highest
from bot.core.values import Finding
from nlu.phrasebook import every
from nlu.text.phrases import Hit, Matcher
from nlu.text.script import dominant
from nlu.text.units import Units, cut

UNDENIABLE = frozenset({"C4"})
"""Words of jumping alarm for any reason (`screening.md` §7 note a), so "I will not jump" does too."""

_IN_THE_PAST = {"C1": "H2", "C2": "H4", "C3": "H3"}
"""What a trigger that means "now" becomes where the words say that it is over."""

_HELD = frozenset({"H1", "H11", "C1", "C6", "C8", "C9", "C12", "C15"})
"""What makes a child a held child (C7)."""

_THREATS = frozenset({"C1", "C12", "H2"})
_MOST_OF_A_KIND = 5  # findings of one trigger and polarity that are kept: a long rant is not ten thousand reasons
_EVERYWHERE = "en"  # people of every language mix English in
_RANK = {"asserted": 0, "unsure": 1, "denied": 2}


def find(text: str, language: str | None = None) -> tuple[Finding, ...]:
    """Every reason for an alarm in a text, in order of place, denied ones too (see `alarming`).

    All languages are tried, since people mix them; `language` only keeps very short or guessed words of another
    language from firing. Spans are in characters of `text`. Pure; never raises, whatever the text.
    """
    units = cut(text)
    hits = list(_hits(units, language, dominant(text)))
    by_trigger: defaultdict[str, list[Finding]] = defaultdict(list)
    documents = False
    for hit in hits:
        documents |= hit.sign == "documents" and hit.polarity != "denied"
        finding = _finding(hit)
        by_trigger[finding.trigger].append(finding)
    findings = [kept for found in by_trigger.values() for kept in _distinct(found)]
    findings += _together(findings, documents=documents)
    return tuple(sorted(findings, key=lambda f: (f.start, f.end, f.trigger)))


def across(before: str, text: str, language: str | None = None) -> tuple[Finding, ...]:
    """What a text says only together with the person's words just before it: "he will" + "kill me".

    Spans are in `text`, from its beginning. What the words before said by themselves is not said again. Pure; never
    raises.
    """
    seam = len(before) + 1
    joined = alarming(find(f"{before} {text}", language)) if before and text else ()
    crossing = [f for f in joined if f.start < seam < f.end]
    known = {f.trigger for f in alarming(find(before, language))} if crossing else set()
    return tuple(replace(f, start=0, end=f.end - seam) for f in crossing if f.trigger not in known)


def alarming(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings that raise: all but the plainly denied."""
    return tuple(f for f in findings if f.polarity != "denied")


def level(findings: Iterable[Finding]) -> Level | None:
    """The highest level among the findings that raise; None where nothing does."""
    return highest(f.trigger for f in alarming(findings))


def urgency(text: str) -> int:
    """How soon a message must be looked at: 2 some critical trigger, 1 some high, 0 none. Pure; never raises."""
    found = level(find(text))
    return 0 if found is None else max(0, found - Level.MEDIUM)


@lru_cache(maxsize=1)
def matchers() -> tuple[Matcher, ...]:
    """One compiled matcher for each phrase file; made once: call it at start, it takes seconds."""
    collected = gc.isenabled()
    gc.disable()  # millions of small things that all stay: looking for rubbish among them takes half the time
    try:
        return tuple(Matcher(material) for material in every().values())
    finally:
        if collected:
            gc.enable()


def _hits(units: Units, language: str | None, script: str) -> Iterable[Hit]:
    """The hits of all languages. English words are graded by the English file, unless the person writes another; what
    that language or English calls harmless, a third language does not raise."""
    english: set[tuple[int, int]] = set()
    harmless: list[tuple[int, int]] = []
    for matcher in _spoken_first(language):
        scan = matcher.scan(units)
        spoken = language is not None and _base(language) == _base(matcher.language)
        at_home = spoken or matcher.language == _EVERYWHERE
        hits = list(_trusted(scan.hits, matcher, foreign=_is_foreign(matcher, language, script)))
        if at_home:
            harmless += scan.harmless
        if matcher.language == _EVERYWHERE:
            english = {(hit.start, hit.end) for hit in hits}
        for hit in hits:
            if at_home or not ((hit.start, hit.end) in english or _inside(hit, harmless)):
                yield hit


def _spoken_first(language: str | None) -> Iterable[Matcher]:
    """English, then the language spoken, then all others: what the first two say bears on the rest."""
    spoken = _base(language) if language else ""
    return sorted(matchers(), key=lambda m: (m.language != _EVERYWHERE, _base(m.language) != spoken))


def _inside(hit: Hit, spans: Iterable[tuple[int, int]]) -> bool:
    return any(start <= hit.start and hit.end <= end for start, end in spans)


def _base(language: str) -> str:
    return language.split("-")[0]


def _is_foreign(own: Matcher, language: str | None, script: str) -> bool:
    if language is not None:
        return _base(own.language) != _base(language)
    return bool(script) and own.script != script


def _trusted(hits: Iterable[Hit], matcher: Matcher, *, foreign: bool) -> Iterable[Hit]:
    """The hits of a matcher, without those that are probably a word of another language ("ban" is no "bán")."""
    for hit in hits:
        least = 8 if hit.loose else 3 if matcher.language == _EVERYWHERE else 4
        if not foreign or hit.letters >= least:
            yield hit


def _finding(hit: Hit) -> Finding:
    over = hit.time == "past"
    return Finding(
        trigger=_IN_THE_PAST.get(hit.trigger, hit.trigger) if over else hit.trigger,
        voice="phrase",
        start=hit.start,
        end=hit.end,
        time=hit.time,
        about=hit.about,
        sign=hit.sign,
        polarity="unsure" if hit.polarity == "denied" and hit.trigger in UNDENIABLE else hit.polarity,
    )


def _distinct(found: Sequence[Finding]) -> Iterable[Finding]:
    """One finding for each place, the one that raises most, and no more than a few of a kind."""
    kept: defaultdict[str, int] = defaultdict(int)
    for group in _overlapping(found):
        best = min(group, key=lambda f: (_RANK[f.polarity], f.start - f.end))
        kept[best.polarity] += 1
        if kept[best.polarity] <= _MOST_OF_A_KIND:
            yield best


def _overlapping(found: Sequence[Finding]) -> Iterable[list[Finding]]:
    group: list[Finding] = []
    end = -1
    for finding in sorted(found, key=lambda f: (f.start, f.end)):
        if group and finding.start >= end:
            yield group
            group = []
        group.append(finding)
        end = max(end, finding.end)
    if group:
        yield group


def _together(findings: Sequence[Finding], *, documents: bool) -> Iterable[Finding]:
    """Triggers that two signs make: a child and held (C7), documents kept and a threat (H11)."""
    raised = alarming(findings)
    triggers = {f.trigger for f in raised}
    child = next((f for f in raised if f.trigger == "H6"), None)
    if child is not None and triggers & _HELD:
        yield replace(child, trigger="C7")
    threat = next((f for f in raised if f.trigger in _THREATS), None)
    if documents and threat is not None and "H11" not in triggers:
        yield replace(threat, trigger="H11")
