"""Changelogs whose changes are about all that is there, or about one another."""

from hostile.pieces import SIZE, numbered, repeated

_HALF = SIZE // 2
_HEAD = '<databaseChangeLog xmlns="http://www.liquibase.org/xml/ns/dbchangelog">'
_ONE = f'{_HEAD}<changeSet id="1" author="a" dbms="mysql">'
_END = "</changeSet></databaseChangeLog>"
_MADE = '<createTable tableName="t"><column name="a" type="int"/></createTable>'


def liquibase() -> dict[str, str]:
    """In XML."""
    adding = f'{_ONE}{_MADE}<addColumn tableName="t">'
    wide = numbered(
        '<column name="c~" type="int"><constraints primaryKey="true"/></column>',
        f'{_ONE}<createTable tableName="t"><column name="a" type="int"/>',
        "</createTable>",
        size=_HALF,
    )
    tables = numbered('<createTable tableName="t~"><column name="a" type="int"/></createTable>', _ONE, size=_HALF)
    remarks = repeated('<setTableRemarks tableName="t" remarks="c"/>', "", _END, size=60_000)
    renamed = numbered('<renameColumn tableName="t" oldColumnName="c~" newColumnName="d~"/>', "", _END, size=_HALF)
    ran = numbered('<changeSet id="~" author="a"/>', _HEAD, size=_HALF)
    conditions = '<changeSet id="z" author="a"><preConditions>'
    return {
        f"columns {place} in one": numbered(f'<column name="c~" type="int" {said}/>', adding, f"</addColumn>{_END}")
        for place, said in {
            "first": 'position="1"',
            "after": 'afterColumn="a"',
            "beside none": 'beforeColumn="b~"',
        }.items()
    } | {
        "replacements": f"{_ONE}<modifySql dbms='mysql'>"
        + repeated("<replace replace='x' with='x'/>", size=_HALF)
        + "</modifySql>"
        + numbered('<createTable tableName="t~"/>', "", _END, size=_HALF - 200),
        "replacements that double": _ONE
        + "<modifySql dbms='mysql'><replace replace='c' with='cc'/></modifySql>" * 40
        + _MADE
        + remarks,
        "replacements that grow": _ONE
        + f"<modifySql dbms='mysql'><replace replace='c' with='{'d' * 50_000}'/></modifySql>"
        + _MADE
        + remarks,
        "options appended": tables
        + repeated("<append value='engine=a'/>", "<modifySql dbms='mysql'>", f"</modifySql>{_END}", size=_HALF),
        "options appended again": tables
        + repeated("<modifySql dbms='mysql'><append value='engine=a'/></modifySql>", "", _END, size=_HALF),
        "types modified in a wide key": wide
        + repeated('<modifyDataType tableName="t" columnName="a" newDataType="bigint"/>', "", _END, size=_HALF),
        "names changed in a wide key": wide + renamed,
        "change sets that ran": ran
        + repeated(
            '<changeSetExecuted id="1" author="a" changeLogFile="b"/>',
            conditions,
            f"</preConditions>{_END}",
            size=_HALF,
        ),
        "properties and preconditions": numbered('<property name="p~" value="a"/>', _HEAD, size=_HALF)
        + numbered('<changeSet id="~" author="a"><preConditions/></changeSet>', "", "</databaseChangeLog>", size=_HALF),
        "columns merged": numbered(
            '<mergeColumns tableName="t" column1Name="c~" column2Name="a" finalColumnName="c~+" finalColumnType="int"/>'
            '<addColumn tableName="t"><column name="a" type="int"/></addColumn>',
            _ONE + _MADE.replace("</", '<column name="c0" type="int"/></'),
            _END,
        ),
    }
