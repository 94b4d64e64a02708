"""The ledger of events: what was heard, kept, and read back as runs."""
