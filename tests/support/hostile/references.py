"""Texts that repeat parts of themselves by reference: aliases, `$ref`, properties, injections."""

from hostile.pieces import SIZE, numbered, repeated

_HALF = SIZE // 2
_LONG_CHECK = "a OR " * 3900
_TABLES = "renga: 1\ntables:\n"
_COLUMNS = f"{_TABLES}  t:\n    columns:\n"


def yaml() -> dict[str, str]:
    """Aliases, in the native format and in a changelog."""
    columns = numbered("      c~: *s\n", size=SIZE - 90_000)
    checks = ", ".join(name + f" OR {name}" * 1900 for name in "abcd")
    change = "- changeSet: {id: 1, author: a, dbms: mysql, changes: "
    table = f"{change}[{{createTable: {{tableName: t, columns: [{{column: {{name: a, type: int}}}}]}}}}]}}\n"
    check = f"{change}[{{addCheckConstraint: {{tableName: t, constraintName: c~, constraintBody: *s}}}}]}}\n"
    return {
        "aliases of a long check": f"x: &s ['{_LONG_CHECK}b']\n{_TABLES}"
        + numbered("  t~: {columns: {a: int}, checks: *s}\n", size=SIZE - 20_000),
        "aliases of long checks": f"x: &s [{checks}]\n{_TABLES}"
        + numbered("  t~: {columns: {a: int}, checks: *s}\n", size=SIZE - 40_000),
        "aliases of a long type": f"x: &s {'a ' * 40_000}b\n{_COLUMNS}{columns}",
        "aliases of a type of many arguments": f"x: &s int({'1,' * 40_000}1)\n{_COLUMNS}{columns}",
        "aliases of a long default": f"x: &s int = {'a + ' * 4900}b\n{_COLUMNS}{columns}",
        "aliases of a wide reference": f"x: &s int -> t({'a,' * 40_000}a)\n{_COLUMNS}{columns}",
        "aliases of a wide index": f"x: &s [[{'a,' * 20_000}a]]\n{_TABLES}"
        + numbered("  t~: {columns: {a: int}, indexes: *s}\n", size=SIZE - 50_000),
        "a changelog of aliases": f"databaseChangeLog:\n- property: {{name: p, value: &s '{_LONG_CHECK}b'}}\n{table}"
        + numbered(check, size=SIZE - 21_000),
        "a changelog of aliases of SQL": "databaseChangeLog:\n- property: {name: p, value: &s '"
        + "CREATE TABLE t (a int);" * 800
        + "'}\n"
        + repeated(f"{change}[{{sql: {{sql: *s}}}}]}}\n", size=SIZE - 21_000),
    }


def liquibase() -> dict[str, str]:
    """Properties whose value is long."""
    head = '<databaseChangeLog xmlns="http://www.liquibase.org/xml/ns/dbchangelog">'
    made = '<createTable tableName="t"><column name="a" type="int"/></createTable>'
    uses = {
        "checks": (_LONG_CHECK, '<addCheckConstraint tableName="t" constraintName="k~" constraintBody="${p} ~"/>'),
        "defaults": ("a + " * 4900, '<addDefaultValue tableName="t" columnName="a" defaultValueComputed="${p} ~"/>'),
        "SQL": ("CREATE TABLE t (a int);" * 800, "<sql>${p}</sql>"),
        "types": ("a " * 10_000, '<addColumn tableName="t"><column name="c~" type="${p}"/></addColumn>'),
    }
    return {
        f"a long property in {place}": f'{head}<property name="p" value="{value}"/>'
        f'<changeSet id="1" author="a" dbms="postgresql">{made}'
        + numbered(use, size=SIZE - 21_000)
        + "</changeSet></databaseChangeLog>"
        for place, (value, use) in uses.items()
    }


def json_schema() -> dict[str, str]:
    """One long definition that thousands refer to."""
    draft = '{"$schema":"https://json-schema.org/draft/2020-12/schema","$defs":{'
    properties = numbered('"p~":{"$ref":"#/$defs/E"},', size=_HALF - 400)
    uses = f'"type":"object","properties":{{{properties}"z":{{}}}}}}'
    letters, digits = "a" * _HALF, "9" * _HALF
    labels, numbers = numbered('"l~",', size=_HALF), numbered("~,", size=_HALF)
    types, keywords = repeated('"string",', size=_HALF), numbered('"k~":1,', size=_HALF)
    wanted = {
        "a wide enumeration": f'{{"enum":[{labels}"z"]}}',
        "an enumeration of numbers": f'{{"enum":[{numbers}1]}}',
        "an enumeration that is parsed": f'{{"enum":[{numbered("~,", size=19_000)}1]}}',
        "a long pattern": f'{{"type":"string","pattern":"{letters}"}}',
        "a long default": f'{{"type":"string","default":"{letters}"}}',
        "a default of many values": f'{{"type":"object","default":[{"1," * (_HALF // 2)}1]}}',
        "a long constant": f'{{"const":"{letters}"}}',
        "a long format": f'{{"type":"string","format":"{letters}"}}',
        "a long description": f'{{"type":"string","description":"{letters}"}}',
        "a long number": f'{{"type":"integer","minimum":{digits}}}',
        "types": f'{{"type":[{types}"null"]}}',
        "unknown keywords": f'{{"type":"string",{keywords}"z":1}}',
    }
    names = numbered('"r~",', size=_HALF)
    required = f'{draft}"A":{{"properties":{{"a":{{}}}},"required":[{names}"z"]}},'
    return {f"references to {name}": f'{draft}"E":{made}}},{uses}' for name, made in wanted.items()} | {
        "references to what is required": required
        + numbered('"D~":{"allOf":[{"$ref":"#/$defs/A"}]},', size=_HALF - 200)
        + '"Z":{}}}',
        "aliases in YAML": f"openapi: 3.0.0\nx: &p '{'a' * 80_000}'\ncomponents:\n  schemas:\n    A:\n"
        "      type: object\n      properties:\n" + numbered("        p~: {type: string, pattern: *p}\n", size=_HALF),
    }


def dbml() -> dict[str, str]:
    """Partial tables that many inject."""
    one = "Table a {\n  id int [pk]\n"
    members = {
        "everything": numbered("  c~ int [note: 'a', unique]\n", size=_HALF),
        "references": numbered("  c~ int [ref: > a.id]\n", size=_HALF),
        "a long check": f"  c int\n  checks {{\n    `{_LONG_CHECK}b`\n  }}\n",
    }
    return {
        f"a partial of {name} in many": f"{one}}}\nTablePartial p {{\n{text}}}\n"
        + numbered("Table t~ {\n  \0p\n}\n", size=SIZE - len(text) - 100).replace("\0", "~")
        for name, text in members.items()
    } | {
        "a reference of settings and relations": numbered("  c~ int\n", one, "}\n", size=60_000)
        + repeated("color: #fff, ", "Ref [", "delete: cascade] {\n", size=60_000)
        + numbered("  a.id > a.c~\n", "", "}\n", size=60_000),
    }
