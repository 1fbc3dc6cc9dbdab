"""Plain English for ids and enumerated words: what an operator reads (`screening.md` §7 in short)."""

from __future__ import annotations

TRIGGERS = {
    "C1": "violence now, or expected within hours",
    "C2": "escaping, hiding or chased now",
    "C3": "suicide: under way, or with plan, means or time",
    "C4": "jumping, falling or climbing down",
    "C5": "needs a doctor now",
    "C6": "to be sold or moved soon",
    "C7": "under 18, and held or maybe held",
    "C8": "ransom deadline, or harm shown on pictures",
    "C9": "the chat was found, or a duress word",
    "C10": "sexual violence",
    "C11": "fire, shelling or collapse",
    "C12": "threat to kill, a killing, or a weapon",
    "C13": "voice, photo or pin from somebody held",
    "C14": "travelling right now for arranged work",
    "C15": "about to be handed back to the boss",
    "H1": "cannot leave, or not known whether",
    "H2": "hurt or threatened in the last 7 days",
    "H3": "thoughts of suicide with a method, or an attempt within 3 months",
    "H4": "out, but searched for, or no safe place tonight",
    "H5": "detained and in need, or asked for money or a signature",
    "H6": "under 18, not held",
    "H7": "pregnant, disabled, or ill without medicine",
    "H8": "leaves within 48 h for a doubtful job",
    "H9": "cry for help then silence, or ransom without a date",
    "H10": "somebody else may be writing or reading",
    "H11": "papers held, and threats",
    "H12": "afraid of going back, or of charges at home",
    "H13": "deportation, transfer or forced ticket within 72 h",
    "H14": "thoughts of suicide",
    "H15": "voice, photo or pin, not looked at yet",
    "H16": "not sure about danger, or a message we could not handle",
    "M1": "out and safe tonight; needs papers, shelter or a lawyer",
    "M2": "signs of forced labour; not known to be held",
    "M3": "wishes to be dead, no plan",
    "M4": "no contact for over 7 days, no threat",
    "M5": "job offer with several warning signs",
    "M6": "asks about fines, arrest or court",
    "M7": "lost money to a scam in the last 72 h",
    "M8": "asks for a person",
    "M9": "not understood twice",
    "M10": "a complaint about us",
    "L1": "asks about rights",
    "L2": "a past case",
    "L3": "job offer, few warning signs",
    "L4": "student, press or organisation",
    "L5": "lost money to a scam, longer ago",
}

VIEWS = {
    "open": ("Open", "The person said that nobody else sees the phone, or was not asked yet."),
    "low_trace": (
        "Low trace",
        "Somebody may look at the phone. Write short and neutral. No names, no topic.",
    ),
    "hidden": (
        "Hidden",
        "The person hid this chat, or somebody may be reading. Do not write first. Do not name the topic.",
    ),
}

MODES = {
    "trapped": "cannot leave",
    "out": "got out",
    "detained": "held by police",
    "family": "family or friend",
    "job_offer": "has a job offer",
    "facts": "wants facts",
    "unknown": "not known: treat as cannot leave",
}

SENDING = {
    "queued": "waiting to be sent",
    "retry": "will be tried again",
    "sending": "on its way now",
    "in_doubt": "maybe sent",
    "sent": "sent",
    "delivered": "arrived",
    "expired": "not sent",
    "superseded": "not sent: replaced by a newer message",
    "cancelled": "taken back before it was sent",
    "draft": "draft: not sent",
    "dead": "not sent",
}

KINDS = {
    "press": "pressed a button",
    "edit": "changed an earlier message",
    "media": "sent a voice note, photo or file",
    "location": "sent a place",
    "contact_card": "sent a contact card",
    "blocked": "blocked us, or came back",
    "signal": "reacted to a message",
    "unknown": "sent something of an unknown kind",
}

EVENTS = {
    "opened": "Case opened",
    "raised": "Level went up",
    "trigger": "One more reason",
    "claimed": "Taken",
    "released": "Put back into the queue",
    "returned": "Returned to the queue: the holder's screen went silent",
    "closed": "Closed",
    "hidden": "The person hid the chat",
    "late": "A message reached us late; nothing was answered",
    "failed": "A message could not be handled",
    "watched": "Somebody may see the phone",
    "handover_may_write": "The person agreed: you may write within the next hour",
    "handover_self": "The person will write again themselves: do not write first",
    "undelivered": "A message was not sent",
    "in_doubt": "A message may have been sent",
    "blocked": "The person blocked us, or left the channel",
    "back_after_close": "The person is back after a closed case",
    "stopped": "The person stopped",
    "wrote_while_hidden": "The person wrote while the chat was hidden",
    "cannot_write": "The person cannot write now",
}

OUTCOMES = {
    "contact_made": "Contact made",
    "no_contact": "No contact",
    "handed_over": "Handed over to somebody else",
    "not_danger": "It was not a danger",
    "unknown": "Not known",
}

DONE = {
    "claimed": "You hold this case now. The bot is silent.",
    "on_its_way": "You hold this case now. The bot is silent; one message of the bot was already on its way.",
    "queued": "Your message is being sent.",
    "doubled": "This message was sent already, so it was not sent again.",
    "draft": "Not sent: the time in which it is safe to write has passed. Your words are kept as a draft.",
    "released": "The case is back in the queue. The bot speaks again.",
    "closed": "The case is closed. The bot speaks again.",
    "signed_out": "You are signed out.",
    "ended": "You were signed out: nothing was done for 15 minutes, or your account was closed.",
    "set_up": "Your account is ready. Sign in with a new code.",
}

DO_NOT = (
    "Do not write first, outside the time shown.",
    "Do not send a location on.",
    "Do not ask about the scams they had to do.",
    "Do not urge or plan an escape.",
    "Do not call the police without their word.",
)


def trigger(code: str) -> str:
    """A trigger in plain words; a family's says so."""
    words = TRIGGERS.get(code.removesuffix("F"), "not in the list")
    return f"{words} (told by family)" if code.endswith("F") else words


def span(seconds: float) -> str:
    """A length of time as people say it: "45 s", "12 min", "3 h 05 min", "2 days"."""
    whole = max(0, int(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min"
    if whole < 2 * 86400:
        return f"{whole // 3600} h {whole % 3600 // 60:02d} min"
    return f"{whole // 86400} days"


def pseudonym(conversation_id: object) -> str:
    """What staff call a person: six letters of the conversation's random part."""
    return f"Person {str(conversation_id).replace('-', '')[-6:].upper()}"
