"""The language of one to eight words, before anything was trained. Every sentence is invented."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.labelled import training_messages
from nlu.language import canonical, detect
from nlu.language_model import LanguageModel, untrained
from nlu.language_spelling import spellings
from nlu.language_table import languages

SHORT = {
    "en": ["please help me", "where are you", "they locked the door", "i want to go home", "who is this"],
    "id": [
        "saya disekap di sini",
        "tolong saya mau pulang",
        "paspor saya diambil bos",
        "gimana caranya keluar",
    ],
    "vi": ["cứu tôi với", "tôi bị nhốt", "làm sao để về nhà", "họ lấy hộ chiếu của tôi"],
    "th": ["ช่วยด้วย", "ฉันถูกขัง", "อยากกลับบ้าน", "มีใครอยู่ไหม"],
    "km": ["ជួយខ្ញុំផង", "ខ្ញុំចង់ទៅផ្ទះ", "គេវាយខ្ញុំ"],
    "zh-Hans": ["救命", "我想回家", "护照被拿走了", "你们是谁"],
}
UNMARKED = ["cuu toi voi", "toi bi nhot o day", "ho danh toi", "lam on giup toi ve nha"]


@pytest.mark.parametrize(("language", "text"), [(name, text) for name, texts in SHORT.items() for text in texts])
def test_a_few_words_are_enough(language: str, text: str) -> None:
    """The six languages, one to eight words, without a hint."""
    if text == "救命":  # written alike in both: simplified is the guess, said with little confidence
        assert detect(text).confidence < 0.7
    assert detect(text).language == language


@pytest.mark.parametrize("text", UNMARKED)
def test_vietnamese_without_marks_is_vietnamese(text: str) -> None:
    """Where every library fails."""
    assert detect(text).language == "vi"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("ຊ່ວຍຂ້ອຍແດ່", "lo"),
        ("ကူညီပါ", "my"),
        ("मुझे बचाओ", "hi"),
        ("আমাকে বাঁচান", "bn"),
        ("உதவி", "ta"),
        ("مدد کریں", "ur"),
        ("도와주세요", "ko"),
        ("助けてください", "ja"),
        ("እርዱኝ", "am"),
        ("請幫助我回家", "zh-Hant"),
        ("tulungan mo ako", "fil"),
        ("nisaidie tafadhali", "sw"),
        ("aidez moi s'il vous plaît", "fr"),
        ("saya nak balik rumah", "ms"),
    ],
)
def test_the_other_languages_have_their_first_answer(text: str, language: str) -> None:
    """By script, or by the committed word lists."""
    assert detect(text).language == language


@pytest.mark.parametrize("text", ["", "   ", "😀😀", "123 456", "?!", "\u200b", "\ud800", "1️⃣"])
def test_without_letters_nothing_is_known(text: str) -> None:
    """Not even with a hint: the caller keeps what it knew."""
    for sticky in (None, "th"):
        guess = detect(text, sticky)
        assert (guess.language, guess.confidence, guess.script) == (None, 0.0, "")


@pytest.mark.parametrize("text", ["ok", "hm", "p", "xyz", "telegram", "mr"])
def test_a_word_that_says_nothing_does_not_change_a_conversation(text: str) -> None:
    """Nor does a name, in any conversation."""
    for sticky in ("th", "km", "vi", "zh-Hans", "en"):
        assert detect(text, sticky).language == sticky


def test_a_whole_sentence_changes_a_conversation() -> None:
    """Somebody else took the phone, or the app's language was not theirs."""
    assert detect("please help me they locked the door", "th").language == "en"
    assert detect("ฉันถูกขังอยู่ที่นี่", "en").language == "th"
    assert detect("tolong saya mau pulang ke rumah", "vi").language == "id"


def test_indonesian_and_malay_do_not_take_turns() -> None:
    """The two are told apart by a word or two; a conversation stays in the one it is in."""
    assert detect("saya nak balik rumah", "id").language == "id"
    assert detect("saya mau pulang", "ms").language == "ms"


def test_a_script_shared_by_languages_keeps_the_conversation_in_its_own() -> None:
    """Urdu is what we answer Arabic script with, but a Persian conversation stays Persian."""
    assert detect("کمک کنید لطفا", "fa").language == "fa"
    assert detect("請幫助我", "zh-Hans").language == "zh-Hant"
    assert detect("你好", "zh-Hant").language == "zh-Hant"


def test_learning_our_sentences_makes_it_surer() -> None:
    """Training adds to the word lists; languages of other scripts are left to their script."""
    taught = LanguageModel.learn({"id": ["kuota abis nih mas"] * 3, "th": ["ช่วยด้วย"]})

    assert taught.chances("kuota abis")["id"] > untrained().chances("kuota abis")["id"]
    assert "th" not in taught.counts
    assert taught.counts["Latin"]["th:Latn"] == untrained().counts["Latin"]["th:Latn"]


def test_what_was_learnt_can_be_kept(tmp_path: Path) -> None:
    """Saved and loaded, it answers the same; saved twice, it is the same file."""
    folder = tmp_path
    taught = LanguageModel.learn({"vi": ["cứu tôi với"]})
    taught.save(folder)
    first = (folder / "languages.json.gz").read_bytes()
    loaded = LanguageModel.load(folder)
    loaded.save(folder)

    assert (folder / "languages.json.gz").read_bytes() == first
    assert loaded.chances("cuu toi") == taught.chances("cuu toi")


@pytest.mark.parametrize(
    ("code", "ours"),
    [
        ("zh-CN", "zh-Hans"),
        ("zh", "zh-Hans"),
        ("zh_TW", "zh-Hant"),
        ("zh-Hant-HK", "zh-Hant"),
        ("en-GB", "en"),
        ("in", "id"),
        ("tl", "fil"),
        ("KM", "km"),
        ("", None),
        (None, None),
        ("x", None),
        ("ภาษา", None),
    ],
)
def test_codes_of_apps_are_written_our_way(code: str | None, ours: str | None) -> None:
    """Telegram and browsers have their own spellings."""
    assert canonical(code) == ours


@given(st.text(alphabet=st.characters(), max_size=60), st.sampled_from([None, "en", "th", "zh-Hant", "es"]))
def test_any_string_has_an_answer(text: str, sticky: str | None) -> None:
    """Never an error, always a confidence between 0 and 1, and the same answer twice."""
    guess = detect(text, sticky)

    assert 0 <= guess.confidence <= 1
    assert detect(text, sticky) == guess


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("chuoy khnhom phong ke jab knhom tuk", "km"),
        ("mujhe yahan se bachao bhaiya ji", "hi"),
        ("chuay duay krub tuk khang yu", "th"),
        ("amake bachan ami ekhane atka achi", "bn"),
        ("malai bachaunus ma yaha thuniyeko chu", "ne"),
        ("wo bei guan zai zheli qing bang wo", "zh-Hans"),
        ("kuu nyi par a khan htae mhar", "my"),
        ("suay khoy dae yak kap ban", "lo"),
        ("enna inga irundhu kaapathunga", "ta"),
        ("yeogi gadhyeo isseoyo dowajuseyo", "ko"),
        ("tasukete kudasai koko ni imasu", "ja"),
    ],
)
def test_a_language_in_latin_letters_is_itself(text: str, language: str) -> None:
    """Romanised, as phones without the right keyboard type it."""
    assert detect(text).language == language


def test_urdu_and_hindi_in_latin_letters_vouch_for_each_other() -> None:
    """What both say alike is told as one of them, and never drops to "not sure"."""
    assert detect("mujhe ghar jana hai").language in {"hi", "ur"}


def test_english_that_thais_mix_in_is_not_learnt_as_thai() -> None:
    """Training sentences of a language in another script hold English ones too."""
    taught = LanguageModel.learn({"th": ["please help me they locked the door"] * 30})

    assert taught.counts == untrained().counts


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("मलाई घर जान मन छ", "ne"),
        ("मुझे घर जाना है", "hi"),
        ("আমাক সহায় কৰক", "as"),
        ("আমাকে সাহায্য করুন", "bn"),
        ("أريد العودة إلى المنزل", "ar"),
        ("میخواهم به خانه برگردم", "fa"),
        ("مجھے گھر جانا ہے", "ur"),
        ("佢哋唔畀我走", "zh-Hant"),
        ("ሓግዙኒ በጃኹም", "ti"),
        ("እርዱኝ እባክዎ", "am"),
    ],
)
def test_languages_that_share_a_script_are_told_apart_by_words(text: str, language: str) -> None:
    """Nepali is not Hindi, Persian not Urdu, Cantonese not simplified Chinese."""
    assert detect(text).language == language


MALAY = ["tolong saya", "macam mana ni", "saya nak balik"]
INDONESIAN = ["tolong saya", "gimana ini", "saya mau pulang"]


@pytest.mark.parametrize(("messages", "language"), [(MALAY, "ms"), (INDONESIAN, "id")])
def test_what_a_few_messages_say_adds_up(messages: list[str], language: str) -> None:
    """Malay and Indonesian: one message may say nothing, three do."""
    evidence: Mapping[str, float] = {}
    for text in messages:
        guess = detect(text, evidence=evidence)
        evidence = guess.evidence

    assert guess.language == language
    assert guess.confidence > detect(messages[0]).confidence


def test_what_messages_said_does_not_forbid_another_language() -> None:
    """The phone is in other hands now: one clear sentence is enough, whatever came before."""
    evidence: Mapping[str, float] = {}
    for _ in range(20):
        evidence = detect("saya mau pulang ke rumah", "id", evidence=evidence).evidence

    assert detect("please help me they locked the door", "id", evidence=evidence).language == "en"
    assert detect("ฉันถูกขังอยู่ที่นี่", "id", evidence=evidence).language == "th"


def test_evidence_is_small_and_survives_json() -> None:
    """It is kept in the conversation's state."""
    evidence = detect("saya nak balik rumah").evidence

    assert json.loads(json.dumps(evidence)) == evidence
    assert len(evidence) <= 30
    assert max(evidence.values()) == 0


def test_every_language_of_the_plan_is_known() -> None:
    """Twenty-one, each with its name, and a way to tell it: a script, words or sentences."""
    six = {"en", "id", "th", "vi", "km", "zh-Hans"}
    others = {"ms", "zh-Hant", "my", "lo", "fil", "hi", "bn", "sw", "ur", "ta", "ne", "fr", "am", "ko", "ja"}

    assert six | others <= languages().by_code.keys()
    for language in languages():
        assert language.native
        assert language.scripts
        assert "Latin" not in language.scripts or language.words
    assert languages().unspaced_scripts == {"Thai", "Khmer", "Lao", "Myanmar", "Han", "Hiragana", "Katakana"}


@pytest.mark.parametrize(
    ("code", "nearest"),
    [("ms", "id"), ("zh-Hant", "zh-Hans"), ("lo", "th"), ("sw", None), ("es", None), ("km", "km"), (None, None)],
)
def test_a_language_that_is_not_offered_has_a_nearest_that_is(code: str | None, nearest: str | None) -> None:
    """Or none: then the menu of languages is what is left."""
    assert languages().offered_for(code, {"en", "id", "th", "vi", "km", "zh-Hans"}) == nearest


def test_another_spelling_of_a_sentence_is_always_the_same() -> None:
    """Training twice gives the same model; nothing is drawn at random."""
    assert spellings("khnhom jong tov phteah") == spellings("khnhom jong tov phteah")
    assert all(spelt != "khnhom jong tov phteah" for spelt in spellings("khnhom jong tov phteah"))


def test_messages_are_read_without_their_labels(tmp_path: Path) -> None:
    """Labels are the danger scan's business."""
    (tmp_path / "ms.tsv").write_text("# labels first\nC1\tdiorang pukul saya\nplain\thai awak\n", encoding="utf-8")

    read = [(message.language, message.text) for message in training_messages(tmp_path)]
    assert read == [("ms", "diorang pukul saya"), ("ms", "hai awak")]


@pytest.mark.parametrize("text", ["你在哪里呢", "走吧", "警察局在哪", "早安", "晚安"])
def test_words_that_both_kinds_of_chinese_have_do_not_make_it_traditional(text: str) -> None:
    """The traditional file lists only what simplified Chinese does not write."""
    assert detect(text).language == "zh-Hans"
