"""One name of a hundred thousand characters, and thousands of things to say about what has it."""

from hostile.pieces import SIZE, numbered

_HALF = SIZE // 2
_NAME = "a" * _HALF


def _about(before: str, piece: str, after: str) -> str:
    return numbered(piece, before, after, size=SIZE)


def prisma() -> dict[str, str]:
    """Models."""
    postgres = 'datasource d {\n  provider = "postgresql"\n}\n'
    pieces = {
        "losses": "  f~ Int @updatedAt\n",
        "slips": "  f~ X\n",
        "counters": "  f~ Int @default(autoincrement())\n",
        "relations": "  f~ B?\n",
    }
    after = "}\nmodel B {\n  id Int @id\n}\n"
    return {
        f"a long name and {kind}": _about(f"{postgres}model {_NAME} {{\n  id Int @id\n", piece, after)
        for kind, piece in pieces.items()
    } | {
        "a long name and indexes": _about(f"model {_NAME} {{\n  id Int @id\n", "  @@index([id])\n", "}\n"),
    }


def dbml() -> dict[str, str]:
    """Tables."""
    pieces = {
        "slips": "  c~ int [q: 1]\n",
        "losses": "  c~ int [owner: 'a']\n",
        "references": "  c~ int [ref: > b.c]\n",
        "join tables": "  c~ int [ref: <> b.id]\n",
    }
    return {
        f"a long name and {kind}": _about(f'Table "{_NAME}" {{\n  id int\n', piece, "}\nTable b {\n  id int\n}\n")
        for kind, piece in pieces.items()
    }


def xml() -> dict[str, str]:
    """Tables of the native format."""
    before = f'<schema xmlns="https://renga.dev/schemas/native"><tables><table name="{_NAME}"><columns>'
    after = "</columns></table></tables></schema>"
    return {
        "a long name and slips": _about(before, '<column name="c~" x="1">int</column>', after),
        "a long name and unknown types": _about(before, '<column name="c~">x</column>', after),
    }


def liquibase() -> dict[str, str]:
    """Tables of a changelog."""
    before = (
        '<databaseChangeLog xmlns="http://www.liquibase.org/xml/ns/dbchangelog">'
        f'<changeSet id="1" author="a" dbms="postgresql"><createTable tableName="{_NAME}">'
    )
    after = "</createTable></changeSet></databaseChangeLog>"
    keyed = '<column name="c~" type="int"><constraints unique="true" nullable="false"/></column>'
    return {
        "a long name and slips": _about(before, '<column name="c~" type="x~"/>', after),
        "a long name and losses": _about(before, "<x/>", after),
        "a long name and keys": _about(before, keyed, after),
    }


def xmldb() -> dict[str, str]:
    """Tables of XMLDB."""
    before = f'<XMLDB PATH="a" VERSION="1"><TABLES><TABLE NAME="{_NAME}"><FIELDS>'
    field = '<FIELD NAME="a" TYPE="int" LENGTH="10"/></FIELDS><KEYS>'
    after = "</TABLE></TABLES></XMLDB>"
    return {
        "a long name and slips": _about(before, '<FIELD NAME="c~" TYPE="x"/>', f"</FIELDS>{after}"),
        "a long name and keys": _about(before + field, '<KEY NAME="k~" TYPE="unique" FIELDS="a"/>', f"</KEYS>{after}"),
    }


def json_schema() -> dict[str, str]:
    """Titles."""
    before = f'{{"title":"{_NAME}","type":"object","properties":{{'
    thing = '{"type":"object","properties":{"a":{}}}'
    pieces = {
        "losses": '"p~":{"type":"string","x":1},',
        "slips": '"p~":{"type":"x"},',
        "objects": f'"p~":{thing},',
        "lists": f'"p~":{{"type":"array","items":{thing}}},',
    }
    return {f"a long title and {kind}": _about(before, piece, '"z":{}}}') for kind, piece in pieces.items()}
