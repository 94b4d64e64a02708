"""YAML, JSON and XML that mean harm."""

from hostile import changelogs, long_names, references
from hostile.pieces import SIZE, in_turn, mirrored, numbered, repeated

_TABLES = "renga: 1\ntables:\n"
_COLUMNS = f"{_TABLES}  t:\n    columns:\n"


def yaml() -> dict[str, str]:
    """The native format in YAML and JSON."""
    half = SIZE // 2
    return {
        "tables": numbered("  t~: {columns: {a: int}}\n", _TABLES),
        "one table again": repeated("  t: {columns: {a: int}}\n", _TABLES),
        "columns": numbered("      c~: int\n", _COLUMNS),
        "columns with everything": numbered('      c~: "int! unique -> t(c~+) = ~"\n', _COLUMNS),
        "wrong columns": numbered("      c~: inz!! ->\n", _COLUMNS),
        "unknown keys": numbered("    k~: 1\n", f"{_TABLES}  t:\n"),
        "unknown keys of tables": numbered("  t~: {colums: {}}\n", _TABLES),
        "keys of the document": numbered("k~: 1\n", "renga: 1\n"),
        "wrong values": numbered("  t~: ~\n", _TABLES),
        "references": numbered("  t~: {columns: {a: -> t~+(a)}}\n", _TABLES),
        "references to one": numbered("  t~: {columns: {a: int -> u(a)}}\n", _TABLES),
        "references to nothing": numbered("  t~: {columns: {a: int -> u~(b)}}\n", _TABLES),
        "a long reference": repeated("a, ", _COLUMNS + "      a: int -> t(", ")\n"),
        "a long type": _COLUMNS + "      a: " + "a" * (SIZE - 80) + "\n",
        "a type of words": repeated("a ", _COLUMNS + "      a: ", "\n"),
        "a type of parentheses": mirrored("(", ")", _COLUMNS + "      a: int", "\n"),
        "a type of brackets": repeated("[]", _COLUMNS + "      a: int", "\n"),
        "exclamation marks": repeated("!", _COLUMNS + "      a: int", "\n"),
        "arrows": repeated(" -> t(a)", _COLUMNS + "      a: int", "\n"),
        "equals": repeated(" = 1", _COLUMNS + "      a: int", "\n"),
        "white space in a type": repeated(" ", _COLUMNS + "      a: int", "x\n"),
        "indexes": numbered("      i~: a\n", f"{_TABLES}  t:\n    columns: {{a: int}}\n    indexes:\n"),
        "nameless indexes": repeated("      - a\n", f"{_TABLES}  t:\n    columns: {{a: int}}\n    indexes:\n"),
        "an index of words": repeated("desc ", f"{_TABLES}  t:\n    columns: {{a: int}}\n    indexes: ['a ", "']\n"),
        "checks": numbered("      k~: a > ~\n", f"{_TABLES}  t:\n    columns: {{a: int}}\n    checks:\n"),
        "nameless checks": numbered("      - a > ~\n", f"{_TABLES}  t:\n    columns: {{a: int}}\n    checks:\n"),
        "unique keys": repeated("      - a\n", f"{_TABLES}  t:\n    columns: {{a: int}}\n    unique:\n"),
        "a wide key": numbered("c~, ", f"{_TABLES}  t:\n    columns: {{a: int}}\n    key: [", "a]\n"),
        "labels": numbered("    - l~\n", "renga: 1\nenums:\n  e:\n"),
        "one label": repeated("    - l\n", "renga: 1\nenums:\n  e:\n"),
        "enums": numbered("  e~: [a]\n", "renga: 1\nenums:\n"),
        "views": numbered("  v~: select * from v~+\n", "renga: 1\nviews:\n"),
        "inheritance": numbered("  t~: {inherits: t~+}\n", _TABLES),
        "partitions": numbered("  t~: {partition_of: {parent: t, bound: DEFAULT}}\n", _TABLES),
        "deep partitioning": mirrored(
            "{strategy: a, subpartitioning: ", "}", f"{_TABLES}  t:\n    partitioning: ", inner="{strategy: a}"
        ),
        "deep partitions": mirrored(
            "[{name: a, subpartitions: ",
            "}]",
            f"{_TABLES}  t:\n    partitioning: {{strategy: a, partitions: ",
            "}",
            inner="[]",
        ),
        "a bomb": "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
        + "".join(f"a{n + 1}: &a{n + 1} [{', '.join([f'*a{n}'] * 9)}]\n" for n in range(12)),
        "a bomb of merges": "a0: &a0 {x: 1}\n"
        + "".join(f"a{n + 1}: &a{n + 1}\n  <<: [{', '.join([f'*a{n}'] * 9)}]\n" for n in range(12)),
        "aliases of a table": f"{_TABLES}  t: &t {{columns: {{a: int}}}}\n" + numbered("  t~: *t\n", size=SIZE - 80),
        "aliases of a wide table": numbered("      c~: int\n", f"{_TABLES}  t: &t\n    columns:\n", size=half)
        + numbered("  t~: *t\n", size=half),
        "a merged wide table": numbered("      c~: int\n", f"{_TABLES}  t:\n    columns: &t\n", size=half)
        + numbered("  t~: {columns: {<<: *t}}\n", size=half),
        "an alias of itself": "a: &a [*a]\n",
        "anchors": numbered("a~: &a~ 1\n"),
        "tags of Python": repeated("- !!python/object:os.system 1\n"),
        "numbers of base 60": repeated("1:", "renga: ", "1\n"),
        "long numbers": "renga: " + "9" * (SIZE - 20),
        "dates": repeated("- 2001-01-01T00:00:00Z\n"),
        "complex keys": repeated("? "),
        "a text": "renga: |\n" + repeated("  a\n", size=SIZE - 20),
        "a folded text": "renga: >\n" + repeated("  a\n\n", size=SIZE - 20),
        "a quoted text": repeated("\\n", 'renga: "', '"\n'),
        "escapes": repeated("\\U0001F600", 'renga: "', '"\n'),
        "a wide key of columns": numbered("      c~: int\n", _COLUMNS, size=half)
        + numbered("c~, ", "    key: [", "c0]\n", size=half),
        "wrong indexes": numbered("      i~: {x: 1}\n", f"{_TABLES}  t:\n    columns: {{a: int}}\n    indexes:\n"),
        "wrong triggers": repeated("- {}\n", "renga: 1\ntriggers:\n"),
        "JSON tables": numbered('"t~":{"columns":{"a":"int"}},', '{"renga":1,"tables":{', '"z":{}}}'),
        "JSON columns": numbered('"c~":"int",', '{"renga":1,"tables":{"t":{"columns":{', '"z":"int"}}}}'),
        "JSON again": repeated('"c":"int",', '{"renga":1,"tables":{"t":{"columns":{', '"z":"int"}}}}'),
        "JSON never closed": repeated('{"a":['),
    } | references.yaml()


def xml() -> dict[str, str]:
    """The native format in XML, and what makes XML parsers suffer."""
    schema = '<schema xmlns="https://renga.dev/schemas/native"><tables>'
    closed = "</tables></schema>"
    column = f'{schema}<table name="t"><columns>'
    closing = f"</columns></table>{closed}"
    entities = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(10))
    return {
        "tables": numbered('<table name="t~"><columns><column name="a">int</column></columns></table>', schema, closed),
        "one table again": repeated('<table name="t"/>', schema, closed),
        "columns": numbered('<column name="c~">int</column>', column, closing),
        "columns in attributes": numbered('<column name="c~" type="int" nullable="false"/>', column, closing),
        "references": numbered('<column name="c~">int -> t(c~+)</column>', column, closing),
        "unknown elements": numbered("<x~/>", schema, closed),
        "unknown attributes": numbered(' x~="1"', f"{schema}<table", f"/>{closed}"),
        "one attribute again": repeated(' x="1"', f"{schema}<table", f"/>{closed}"),
        "attributes": numbered(' a~="~"', "<a", "/>"),
        "namespaces": numbered(' xmlns:a~="~"', "<a", "/>"),
        "namespaces in depth": "<a>" + numbered('<a xmlns:x="~">', size=SIZE - 10),
        "prefixes": numbered(' a~:x="1"', "<a", "/>"),
        "elements": repeated("<a/>", "<a>", "</a>"),
        "deep elements": mirrored("<a>", "</a>"),
        "open elements": repeated("<a>"),
        "a long name": "<" + "a" * (SIZE - 4) + "/>",
        "a long attribute": '<a b="' + "a" * (SIZE - 10) + '"/>',
        "line ends in an attribute": repeated("\n", '<a b="', '"/>'),
        "character references": repeated("&#65;", "<a>", "</a>"),
        "ampersands": repeated("&amp;", "<a>", "</a>"),
        "entities": f'<!DOCTYPE a [<!ENTITY e0 "lol">{entities}]><a>&e10;</a>',
        "an external entity": '<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>',
        "an external DTD": '<!DOCTYPE a SYSTEM "http://localhost/a.dtd"><a/>',
        "declared entities": numbered('<!ENTITY e~ "a">', "<!DOCTYPE a [", "]><a/>"),
        "declared attributes": numbered('a~ CDATA "1" ', "<!DOCTYPE a [<!ATTLIST a ", ">]><a/>"),
        "a deep content model": mirrored("(", ")", "<!DOCTYPE a [<!ELEMENT a ", ">]><a/>", inner="a"),
        "comments": repeated("<!--a-->", "<a>", "</a>"),
        "an open comment": repeated("a", "<a><!--"),
        "processing instructions": repeated("<?a b?>", "<a>", "</a>"),
        "sections": repeated("<![CDATA[a]]>", "<a>", "</a>"),
        "closing sections": repeated("]]", "<a>", "</a>"),
        "text in pieces": repeated("a\n", "<a>", "</a>"),
        "another encoding": repeated("a", '<?xml version="1.0" encoding="UTF-16"?><a>', "</a>"),
        "an unknown encoding": repeated("a", '<?xml version="1.0" encoding="nope"?><a>', "</a>"),
        "version 1.1": repeated("&#1;", '<?xml version="1.1"?><a>', "</a>"),
    } | long_names.xml()


def liquibase() -> dict[str, str]:
    """Liquibase changelogs."""
    head, tail = '<databaseChangeLog xmlns="http://www.liquibase.org/xml/ns/dbchangelog">', "</databaseChangeLog>"
    one = f'{head}<changeSet id="1" author="a">'
    end = f"</changeSet>{tail}"
    made = one + '<createTable tableName="t"><column name="a" type="int"/></createTable>'
    return (
        {
            "change sets": numbered(
                '<changeSet id="~" author="a"><createTable tableName="t~"><column name="a" type="int"/></createTable>'
                "</changeSet>",
                head,
                tail,
            ),
            "one change set again": repeated(
                '<changeSet id="1" author="a"><tagDatabase tag="1"/></changeSet>', head, tail
            ),
            "columns": numbered(
                '<column name="c~" type="int"/>', f'{one}<createTable tableName="t">', f"</createTable>{end}"
            ),
            "added columns": numbered('<addColumn tableName="t"><column name="c~" type="int"/></addColumn>', made, end),
            "columns before another": numbered(
                '<addColumn tableName="t"><column name="c~" type="int" beforeColumn="a"/></addColumn>', made, end
            ),
            "columns at a place": numbered(
                '<addColumn tableName="t"><column name="c~" type="int" position="1"/></addColumn>', made, end
            ),
            "dropped columns": in_turn(
                '<addColumn tableName="t"><column name="c~" type="int"/></addColumn>',
                '<dropColumn tableName="t" columnName="c~"/>',
                before=made,
                after=end,
            ),
            "renamed columns": numbered(
                '<renameColumn tableName="t" oldColumnName="c~" newColumnName="c~+"/>',
                made.replace('"a"', '"c0"'),
                end,
            ),
            "renamed tables": numbered(
                '<renameTable oldTableName="t~" newTableName="t~+"/>', made.replace('"t"', '"t0"'), end
            ),
            "dropped tables": in_turn(
                '<createTable tableName="t~"><column name="a" type="int"/></createTable>',
                '<dropTable tableName="t~" cascadeConstraints="true"/>',
                before=one,
                after=end,
            ),
            "indexes": numbered(
                '<createIndex tableName="t" indexName="i~"><column name="a"/></createIndex>', made, end
            ),
            "nameless indexes": repeated('<createIndex tableName="t"><column name="a"/></createIndex>', made, end),
            "unique keys": repeated('<addUniqueConstraint tableName="t" columnNames="a"/>', made, end),
            "foreign keys": repeated(
                '<addForeignKeyConstraint constraintName="f" baseTableName="t" baseColumnNames="a"'
                ' referencedTableName="t" referencedColumnNames="a"/>',
                made,
                end,
            ),
            "what is not there": numbered('<dropTable tableName="t~"/>', one, end),
            "columns of what is not there": numbered('<dropColumn tableName="t" columnName="c~"/>', made, end),
            "preconditions": numbered(
                '<changeSet id="~" author="a"><preConditions onFail="MARK_RAN"><not><tableExists tableName="t~"/></not>'
                '</preConditions><createTable tableName="t~"><column name="a" type="int"/></createTable></changeSet>',
                head,
                tail,
            ),
            "one precondition": repeated(
                '<tableExists tableName="t"/>', f"{one}<preConditions>", f"</preConditions>{end}"
            ),
            "deep preconditions": mirrored("<not>", "</not>", f"{one}<preConditions>", f"</preConditions>{end}"),
            "properties": numbered('<property name="p~" value="${p~+}"/>', head, tail),
            "a property of itself": f'{head}<property name="p" value="${{p}}${{p}}"/>'
            + repeated('<changeSet id="${p}" author="${p}"/>', size=SIZE - 200)
            + tail,
            "a bomb of properties": head
            + '<property name="p0" value="lol"/>'
            + "".join(f'<property name="p{n + 1}" value="{f"${{p{n}}}" * 10}"/>' for n in range(12))
            + '<changeSet id="1" author="a"><createTable tableName="${p12}"/></changeSet>'
            + tail,
            "a long property": f'{head}<property name="p" value="{"a" * (SIZE // 2)}"/>'
            + repeated('<changeSet id="${p}" author="a"/>', size=SIZE // 2 - 200)
            + tail,
            "dollars": repeated("${", f'{one}<createTable tableName="', f'"/>{end}'),
            "SQL": repeated("CREATE TABLE t (a int);", f"{one}<sql>", f"</sql>{end}"),
            "many SQL": numbered("<sql>CREATE TABLE t~ (a int)</sql>", one, end),
            "SQL of quotes": repeated("'", f"{one}<sql>", f"</sql>{end}"),
            "delimiters": repeated("a/", f'{one}<sql endDelimiter="/">', f"</sql>{end}"),
            "hostile delimiters": repeated("a", f'{one}<sql endDelimiter="(a+)+b">', f"</sql>{end}"),
            "modified SQL": numbered('<modifySql><append value="~"/></modifySql>', made, end),
            "deep change sets": mirrored('<changeSet id="1" author="a">', "</changeSet>", head, tail, inner=""),
            "included files": numbered('<include file="f~.xml"/>', head, tail),
            "rollbacks": repeated('<rollback><dropTable tableName="t"/></rollback>', made, end),
            "inserts": repeated('<insert tableName="t"><column name="a" value="1"/></insert>', made, end),
            "remarks": repeated('<setTableRemarks tableName="t" remarks="a"/>', made, end),
        }
        | changelogs.liquibase()
        | references.liquibase()
        | long_names.liquibase()
    )


def xmldb() -> dict[str, str]:
    """XMLDB files of Moodle."""
    head, tail = '<XMLDB PATH="a" VERSION="1"><TABLES>', "</TABLES></XMLDB>"
    field = '<FIELD NAME="a" TYPE="int" LENGTH="10"/>'
    table, end = f'{head}<TABLE NAME="t"><FIELDS>{field}', f"</TABLE>{tail}"
    return {
        "tables": numbered(f'<TABLE NAME="t~"><FIELDS>{field}</FIELDS></TABLE>', head, tail),
        "one table again": repeated(f'<TABLE NAME="t"><FIELDS>{field}</FIELDS></TABLE>', head, tail),
        "fields": numbered('<FIELD NAME="c~" TYPE="int" LENGTH="10"/>', table, f"</FIELDS>{end}"),
        "one field again": repeated(field, table, f"</FIELDS>{end}"),
        "keys": numbered('<KEY NAME="k~" TYPE="unique" FIELDS="a"/>', f"{table}</FIELDS><KEYS>", f"</KEYS>{end}"),
        "foreign keys": numbered(
            '<KEY NAME="k~" TYPE="foreign" FIELDS="a" REFTABLE="t" REFFIELDS="a"/>',
            f"{table}</FIELDS><KEYS>",
            f"</KEYS>{end}",
        ),
        "indexes": numbered(
            '<INDEX NAME="k~" UNIQUE="false" FIELDS="a"/>', f"{table}</FIELDS><INDEXES>", f"</INDEXES>{end}"
        ),
        "a wide key": numbered(
            "c~,", f'{table}</FIELDS><KEYS><KEY NAME="k" TYPE="unique" FIELDS="', f'a"/></KEYS>{end}'
        ),
        "keys of unknown fields": numbered(
            '<KEY NAME="k~" TYPE="unique" FIELDS="b~"/>', f"{table}</FIELDS><KEYS>", f"</KEYS>{end}"
        ),
        "values": repeated(
            "'a', ", f'{head}<TABLE NAME="t"><FIELDS><FIELD NAME="a" ENUM="true" ENUMVALUES="', f'"/></FIELDS>{end}'
        ),
        "long lengths": f'{head}<TABLE NAME="t"><FIELDS><FIELD NAME="a" TYPE="int" LENGTH="{"9" * (SIZE - 200)}"/>'
        f"</FIELDS>{end}",
    } | long_names.xmldb()


def json_schema() -> dict[str, str]:
    """JSON Schema documents."""
    thing = '"type":"object","properties":'
    definitions = '{"$schema":"https://json-schema.org/draft/2020-12/schema","$defs":{'
    return (
        {
            "properties": numbered('"p~":{"type":"string"},', f"{{{thing}{{", '"z":{}}}'),
            "properties and required": in_turn('"p~":{"type":"string"},', before=f"{{{thing}{{", after='"z":{}}}')[
                : SIZE // 2
            ].rpartition(",")[0]
            + '},"required":['
            + numbered('"p~",', size=SIZE // 2 - 20)
            + '"z"]}',
            "definitions": numbered(f'"D~":{{{thing}{{"id":{{"type":"integer"}}}}}},', definitions, '"Z":{}}}'),
            "a web of references": numbered(
                f'"D~":{{{thing}{{"a":{{"$ref":"#/$defs/D~+"}},"b":{{"$ref":"#/$defs/D0"}}}}}},',
                definitions,
                '"Z":{}}}',
            ),
            "a chain of references": numbered('"D~":{"$ref":"#/$defs/D~+"},', definitions, '"Z":{}}}'),
            "a reference to itself": repeated('{"$ref":"#"},', '{"allOf":[', "{}]}"),
            "references of everything": numbered(
                '"D~":{"allOf":[{"$ref":"#/$defs/D~+"},{"$ref":"#/$defs/D~+"}]},', definitions, '"Z":{}}}'
            ),
            "wide references": numbered(
                '"p~":{"type":"string"},', definitions + f'"A":{{{thing}{{', '"z":{}}},', size=SIZE // 2
            )
            + numbered('"D~":{"allOf":[{"$ref":"#/$defs/A"}]},', size=SIZE // 2 - 20)
            + '"Z":{}}}',
            "deep properties": mirrored(f'{{{thing}{{"a":', "}}", inner="{}"),
            "deep items": mirrored('{"type":"array","items":', "}", f'{{{thing}{{"a":', "}}", inner="{}"),
            "deep allOf": mirrored('{"allOf":[', "]}", inner="{}"),
            "allOf": repeated(f'{{{thing}{{"a":{{"type":"string"}}}}}},', '{"allOf":[', "{}]}"),
            "oneOf": repeated('{"type":"string"},', f'{{{thing}{{"a":{{"oneOf":[', "{}]}}}"),
            "arrays of objects": numbered(
                f'"p~":{{"type":"array","items":{{{thing}{{"a":{{"type":"string"}}}}}}}},', f"{{{thing}{{", '"z":{}}}'
            ),
            "objects in objects": numbered(f'"p~":{{{thing}{{"a":{{"type":"string"}}}}}},', f"{{{thing}{{", '"z":{}}}'),
            "labels": numbered('"l~",', f'{{{thing}{{"a":{{"enum":[', '"z"]}}}'),
            "enumerations": numbered('"p~":{"enum":["a~"]},', f"{{{thing}{{", '"z":{}}}'),
            "enumerations alike": numbered('"p~":{"enum":["a"]},', f"{{{thing}{{", '"z":{}}}'),
            "types": repeated('"string",', f'{{{thing}{{"a":{{"type":[', '"null"]}}}'),
            "unknown types": numbered('"p~":{"type":"strng~"},', f"{{{thing}{{", '"z":{}}}'),
            "unknown keywords": numbered('"k~":1,', f'{{{thing}{{"a":{{', '"z":1}}}'),
            "patterns": numbered('"p~":{"pattern":"(a+)+$"},', f"{{{thing}{{", '"z":{}}}'),
            "pointers": numbered('"p~":{"$ref":"#/a/b/c/d~"},', f"{{{thing}{{", '"z":{}}}'),
            "a long pointer": f'{{{thing}{{"a":{{"$ref":"#{"/a" * (SIZE // 2 - 60)}"}}}}}}',
            "numbers": numbered('"p~":{"minimum":1e~},', f"{{{thing}{{", '"z":{}}}'),
            "long numbers": f'{{{thing}{{"a":{{"maxLength":{"9" * (SIZE - 80)}}}}}}}',
            "names alike": numbered(
                f'"p_~":{{{thing}{{"a":{{}}}}}},"p-~":{{{thing}{{"a":{{}}}}}},', f"{{{thing}{{", '"z":{}}}'
            ),
        }
        | references.json_schema()
        | long_names.json_schema()
    )
