"""Plain functions over text, shared by the hotline and by Rasa: standard library, numpy and ICU only."""
