"""The hotline's own parts of the Rasa pipeline: thin faces over `nlu.text`. Imported by Rasa's environment
only."""
