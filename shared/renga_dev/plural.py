"""Numbers of things, in English."""


def plural(number: int, things: str) -> str:
    """`1 table`, `2 tables`, of kinds that are named in the plural."""
    thing = f"{things[:-3]}y" if things.endswith("ies") else things.removesuffix("s")
    return f"{number} {things if number != 1 else 'index' if things == 'indexes' else thing}"
