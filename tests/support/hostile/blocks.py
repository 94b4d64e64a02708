"""Prisma and DBML that mean harm."""

from hostile import long_names, references
from hostile.pieces import SIZE, in_turn, numbered, repeated


def prisma() -> dict[str, str]:
    """Prisma schemas."""
    postgres = 'datasource d {\n  provider = "postgresql"\n}\n'
    one = f"{postgres}model A {{\n  id Int @id\n"
    return {
        "models": numbered("model M~ {\n  id Int @id\n}\n", postgres),
        "models on a line": numbered("model M~ { id Int @id }\n", postgres),
        "one model again": repeated("model M {\n  id Int @id\n}\n", postgres),
        "fields": numbered("  f~ Int\n", one, "}\n"),
        "one field again": repeated("  f Int\n", one, "}\n"),
        "unknown types": numbered("  f~ Itn~\n", one, "}\n"),
        "relations": numbered(
            "model M~ {\n  id Int @id\n  a A @relation(fields: [id], references: [id])\n}\n", f"{one}}}\n"
        ),
        "relations of both": numbered("model M~ {\n  id Int @id\n  next M~+[]\n  prev M~+[] \n}\n", postgres),
        "relations of many": numbered('  b~ B[] @relation("r~")\n', one, "}\nmodel B {\n  id Int @id\n}\n"),
        "relations of many on both sides": numbered('  b~ B[] @relation("r~")\n', one, "}\n", size=SIZE // 2)
        + numbered('  a~ A[] @relation("r~")\n', "model B {\n  id Int @id\n", "}\n", size=SIZE // 2),
        "relations to itself": numbered(
            '  a~ A? @relation("r~", fields: [id], references: [id])\n  b~ A[] @relation("r~")\n', one, "}\n"
        ),
        "relations of one name": repeated("  b B[]\n", one, "}\nmodel B {\n  id Int @id\n  a A[]\n}\n"),
        "attributes": repeated(" @unique", one + "  a Int", "\n}\n"),
        "unknown attributes": repeated(" @a.b", one + "  a Int", "\n}\n"),
        "arguments": numbered("a~: 1, ", one + "  a Int @default(", "b: 1)\n}\n"),
        "deep arguments": repeated("f(", one + "  a Int @default("),
        "deep lists": repeated("[", one + "  a Int @default("),
        "block attributes": repeated("  @@index([id])\n", one, "}\n"),
        "unique keys": repeated("  @@unique([id])\n", one, "}\n"),
        "a wide key": numbered("c~, ", one + "  @@id([", "id])\n}\n"),
        "values": numbered("  V~\n", f"{postgres}enum E {{\n", "}\n"),
        "one value again": repeated("  V\n", f"{postgres}enum E {{\n", "}\n"),
        "enums": numbered("enum E~ {\n  A\n}\n", postgres),
        "defaults of an enum": numbered("  V~\n", f"{postgres}enum E {{\n", "}\n", size=SIZE // 2)
        + numbered("  f~ E @default(V~)\n", "model A {\n  id Int @id\n", "}\n", size=SIZE // 2),
        "types": numbered("type T~ {\n  a Int\n}\n", 'datasource d {\n  provider = "mongodb"\n}\n'),
        "types in types": numbered("type T~ {\n  a T~+\n}\n", 'datasource d {\n  provider = "mongodb"\n}\n'),
        "views": numbered("view V~ {\n  a Int @unique\n}\n", postgres),
        "data sources": repeated('datasource d {\n  provider = "mysql"\n}\n'),
        "generators": numbered('generator g~ {\n  provider = "a"\n}\n'),
        "settings": numbered('  s~ = "a"\n', "datasource d {\n", "}\n"),
        "models never closed": repeated("model A {\n"),
        "fields never ended": repeated("a ", one, "\n}\n"),
        "doc comments": repeated("  /// a\n", one, "  a Int\n}\n"),
        "comments": repeated("// a\n", postgres),
        "a long string": one + '  a String @default("' + "a" * (SIZE - 120) + '")\n}\n',
        "backslashes": repeated("\\\\", one + '  a String @default("', '")\n}\n'),
        "an open string": repeated("a", one + '  a String @default("', "\n}\n"),
        "maps": numbered('  f~ Int @map("f")\n', one, "}\n"),
        "maps of models": numbered('model M~ {\n  id Int @id\n  @@map("m")\n}\n', postgres),
        "long numbers": numbered(f"  f~ Int @default(sequence(start: {'9' * 400}))\n", one, "}\n"),
        "conditions just short enough": numbered(f'  @@index([id], where: raw("{"a OR " * 3900}~"))\n', one, "}\n"),
        "defaults of deep types": numbered(f'  f~ Int @default(dbgenerated("{"int(" * 20}~{")" * 20}"))\n', one, "}\n"),
        "wrong lines": repeated("  a !\n", one, "}\n"),
    } | long_names.prisma()


def dbml() -> dict[str, str]:
    """DBML files."""
    one = "Table a {\n  id int [pk]\n"
    return (
        {
            "tables": numbered("Table t~ {\n  id int\n}\n"),
            "tables on a line": numbered("Table t~ { id int }\n"),
            "one table again": repeated("Table t {\n  id int\n}\n"),
            "columns": numbered("  c~ int\n", one, "}\n"),
            "one column again": repeated("  c int\n", one, "}\n"),
            "references": repeated("Ref: a.id > a.id\n", f"{one}}}\n"),
            "references of tables": in_turn("Table t~ {\n  id int\n}\n", "Ref: t~.id > t~+.id\n"),
            "references of many": repeated("Ref: a.id <> a.id\n", f"{one}}}\n"),
            "references of many tables": in_turn("Table t~ {\n  id int\n}\n", "Ref: t~.id <> t~+.id\n"),
            "references to nothing": numbered("Ref: a.id > b~.id\n", f"{one}}}\n"),
            "references to no column": numbered("Ref: a.id > a.b~\n", f"{one}}}\n"),
            "inline references": numbered("  c~ int [ref: > a.id]\n", one, "}\n"),
            "inline references of one": repeated("ref: > a.id, ", one + "  c int [", "pk]\n}\n"),
            "a wide reference": repeated("id, ", f"{one}}}\nRef: a.(", "id) > a.(id)\n"),
            "blocks of references": repeated("  a.id > a.id\n", f"{one}}}\nRef {{\n", "}\n"),
            "settings": repeated("unique, ", one + "  c int [", "pk]\n}\n"),
            "unknown settings": numbered("s~: 1, ", one + "  c int [", "pk]\n}\n"),
            "indexes": repeated("    id\n", one + "  indexes {\n", "  }\n}\n"),
            "named indexes": numbered("    id [name: 'i~']\n", one + "  indexes {\n", "  }\n}\n"),
            "a wide index": repeated("id, ", one + "  indexes {\n    (", "id)\n  }\n}\n"),
            "expressions": repeated("`a`, ", one + "  indexes {\n    (", "id)\n  }\n}\n"),
            "checks": repeated("    `id > 0`\n", one + "  checks {\n", "  }\n}\n"),
            "partials": numbered("TablePartial p~ {\n  c~ int\n}\n", "", f"{one}}}\n"),
            "injected partials": numbered("TablePartial p~ {\n  c~ int\n}\n", size=SIZE // 2)
            + numbered("  ~p~\n".replace("~p", "\0p"), one, "}\n", size=SIZE // 2).replace("\0", "~"),
            "a wide partial in many": numbered("  c~ int\n", "TablePartial p {\n", "}\n", size=SIZE // 2)
            + numbered("Table t~ {\n  \0p\n}\n", size=SIZE // 2).replace("\0", "~"),
            "a partial again": repeated("  ~p\n", "TablePartial p {\n  c int\n}\n" + one, "}\n"),
            "values": numbered("  v~\n", "Enum e {\n", "}\n"),
            "enums": numbered("Enum e~ {\n  v\n}\n"),
            "groups": numbered("TableGroup g~ {\n  a\n}\n", f"{one}}}\n"),
            "a wide group": repeated("  a\n", f"{one}}}\nTableGroup g {{\n", "}\n"),
            "notes": numbered("Note n~ {\n  'a'\n}\n"),
            "sticky notes": repeated("Note: 'a'\n", one, "}\n"),
            "aliases": numbered("Table t~ as a~ {\n  id int\n}\n"),
            "records": repeated("  1, 'a'\n", f"{one}}}\nrecords a(id) {{\n", "}\n"),
            "blocks in blocks": repeated("Table a {\n"),
            "deep brackets": repeated("[", one + "  c int "),
            "deep parentheses": repeated("(", one + "  c int"),
            "deep braces": repeated("{", one),
            "a long type": repeated("1, ", one + "  c int(", "1)\n}\n"),
            "dimensions": repeated("[]", one + "  c int", "\n}\n"),
            "a long name": 'Table "' + "a" * (SIZE - 40) + '" {\n  id int\n}\n',
            "dots": repeated("a.", "Table ", "a {\n  id int\n}\n"),
            "a long text": "Table a {\n  Note: '''" + repeated("a\n", size=SIZE - 60) + "'''\n  id int\n}\n",
            "an indented text": "Table a {\n  Note: '''" + repeated("   a\n", size=SIZE - 60) + "'''\n  id int\n}\n",
            "an open text": repeated("a\n", "Table a {\n  Note: '''"),
            "backslashes": repeated("\\\\", "Table a {\n  Note: '", "'\n  id int\n}\n"),
            "defaults": numbered("  c~ int [default: `~`]\n", one, "}\n"),
            "projects": repeated("Project p {\n  a: 'b'\n}\n"),
            "words of a column": repeated("a ", one + "  c int ", "\n}\n"),
            "wrong lines": repeated("  a !\n", one, "}\n"),
            "keywords": repeated("Ref\n"),
        }
        | references.dbml()
        | long_names.dbml()
    )
