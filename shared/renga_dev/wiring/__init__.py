"""The wiring is written once: in the annotations of handlers. Everything that follows from them is generated here."""
