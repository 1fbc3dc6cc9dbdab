"""The sound of a new critical case: two short tones, made here so that no file has to be shipped."""

from __future__ import annotations

import io
import math
import struct
import wave

_RATE = 16_000  # samples a second
_TONES = ((880.0, 0.16), (0.0, 0.05), (1174.7, 0.26))  # hertz, seconds
_LOUD = 0.5  # of full scale


def sound() -> bytes:
    """A WAV file: 16 bit, mono, half a second."""
    samples = [value for hertz, seconds in _TONES for value in _tone(hertz, seconds)]
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(_RATE)
        out.writeframes(struct.pack(f"<{len(samples)}h", *samples))
    return file.getvalue()


def _tone(hertz: float, seconds: float) -> list[int]:
    count = int(_RATE * seconds)
    edge = _RATE // 100  # 10 ms in and out, against clicks
    return [
        int(32767 * _LOUD * min(1.0, n / edge, (count - n) / edge) * math.sin(2 * math.pi * hertz * n / _RATE))
        for n in range(count)
    ]
