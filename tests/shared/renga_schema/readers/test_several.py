"""Several files as one schema."""

import io
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import pytest

from folders import lay_out
from renga_schema import Unreadable, read, read_files
from renga_schema.readers import archives, inputs
from renga_schema.readers.inputs import Input
from renga_schema.readers.migrations import order, undoes, without_undoing

MIGRATIONS = {
    "V10__drop.sql": "ALTER TABLE a DROP COLUMN x;",
    "V2__add.sql": "ALTER TABLE a ADD x int, ADD y text;",
    "V1__begin.sql": "CREATE TABLE a (id serial PRIMARY KEY);",
    "V2__add.down.sql": "DROP TABLE a;",
    "R__view.sql": "CREATE VIEW v AS SELECT y FROM a;",
    "README.md": "no SQL",
}
Pack = Callable[[dict[str, str]], bytes]


def zipped(members: dict[str, str]) -> bytes:
    """A zip archive."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return made.getvalue()


def tarred(members: dict[str, str], mode: str = "w") -> bytes:
    """A tar archive."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode=mode) as archive:  # type: ignore[call-overload]  # a mode is a mode
        for name, text in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    return made.getvalue()


def gzipped(members: dict[str, str]) -> bytes:
    """A compressed tar archive."""
    return tarred(members, "w:gz")


def test_a_folder_reads_as_its_migrations_run(tmp_path: Path) -> None:
    """Versions order the files as numbers, what undoes is skipped with a note, and the statements add up."""
    reading = read_files([lay_out(tmp_path, MIGRATIONS)])
    (table,) = reading.schema.tables
    assert [column.name for column in table.columns] == ["id", "y"]
    assert [view.name for view in reading.schema.views] == ["v"]
    assert [Path(file.name).name[:3] for file in reading.files] == ["V1_", "V2_", "V10", "R__"]
    assert (reading.statements.applied, reading.statements.total) == (4, 4)
    assert [(found.code, found.severity) for found in reading.diagnostics] == [("READ-SKIPPED", "info")]
    assert "V2__add.down.sql" in reading.diagnostics[0].message
    assert table.columns[1].origin is not None
    assert table.columns[1].origin.file == (tmp_path / "V2__add.sql").as_posix()


@pytest.mark.parametrize("pack", [zipped, tarred, gzipped])
def test_an_archive_reads_as_its_folder(pack: Pack, tmp_path: Path) -> None:
    """Zip, tar and tar.gz give what the folder gives."""
    from_folder = read_files([lay_out(tmp_path, MIGRATIONS)])
    reading = read_files([Input("m.archive", pack({f"migrations/{name}": text for name, text in MIGRATIONS.items()}))])
    assert [table.name for table in reading.schema.tables] == [table.name for table in from_folder.schema.tables]
    assert reading.statements == from_folder.statements
    assert reading.files[0].name == "m.archive/migrations/V1__begin.sql"


def test_prisma_migrations_are_found_below_their_project(tmp_path: Path) -> None:
    """`migrations/<version>_<name>/migration.sql` in order of versions; the description beside them is left aside."""
    project = {
        "schema.yaml": "tables: {z: {columns: {id: int}}}",
        "migrations/20240201000000_more/migration.sql": "ALTER TABLE a ADD b int;",
        "migrations/20240101000000_init/migration.sql": "CREATE TABLE a (id int);",
        ".git/x.sql": "CREATE TABLE no (id int);",
    }
    reading = read_files([lay_out(tmp_path, project)])
    assert [[column.name for column in table.columns] for table in reading.schema.tables] == [["id", "b"]]
    assert "schema.yaml" in reading.diagnostics[0].message


@pytest.mark.parametrize(
    "names",
    [
        ["001_a.sql", "002_a.sql", "010_a.sql", "seed.sql"],
        ["V1__a.sql", "V1.1__a.sql", "V1.10__a.sql", "V2__a.sql", "R__a.sql"],
        ["20240101_b.sql", "20240102_a.sql"],
        ["2024-01-01-000000_z/up.sql", "2024-01-02-000000_a/up.sql"],
        ["a2.sql", "a10.sql", "b1.sql"],
        ["V1_2__a.sql", "V1_10__a.sql", "V2__a.sql", "V10__a.sql", "R__a.sql"],
        ["000001_a.up.sql", "000002_b.up.sql", "000010_c.up.sql"],
        ["migrations/20240101000000_a.sql", "migrations/20240102000000_b.sql", "seed.sql"],
        ["0000_young_hulk.sql", "0001_old_thor.sql", "0010_new_loki.sql"],
    ],
)
def test_the_order_of_migration_tools(names: list[str]) -> None:
    """Each list is in the order that its tool runs it in."""
    paths = [PurePosixPath(name) for name in names]
    assert sorted(paths, key=order) == paths


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("2_x.down.sql", True),
        ("x/down.sql", True),
        ("U2__x.sql", True),
        ("2_x.undo.sql", True),
        ("2_x_down.sql", True),
        ("revert/users.sql", True),
        ("verify/users.sql", True),
        ("verify/others.sql", False),
        ("2_x.rollback.sql", True),
        ("scale_down.sql", False),
        ("2_x.up.sql", False),
        ("users.sql", False),
    ],
)
def test_what_only_undoes(name: str, expected: bool) -> None:
    """Files are known by the habits of the tools; `_down` alone is a word, beside its `_up` it is a habit."""
    assert undoes(PurePosixPath(name), {"2_x_up.sql", "deploy/users.sql"}) is expected


@pytest.mark.parametrize(
    "marks",
    [
        ("migrate:up", "migrate:down"),
        ("+goose Up", "+goose Down"),
        ("+migrate Up notransaction", "+migrate Down"),
        ("rambler up", "rambler down"),
        ("Up Migration", "Down Migration"),
        ("!Ups", "!Downs"),
        ("==== UP ====", "==== DOWN ===="),
        ("Up", "Down"),
    ],
)
def test_a_half_that_undoes_is_left_out(marks: tuple[str, str]) -> None:
    """One file with both ways does what its way forward says, and every place stays what it was."""
    up, down = marks
    script = f"-- {up}\nCREATE TABLE a (id int);\n-- {down}\nDROP TABLE a;\n-- {up}\nCREATE TABLE b (id int);\n"
    assert without_undoing(script).splitlines()[5:] == script.splitlines()[5:]
    reading = read_files([Input("1.sql", script)])
    assert [table.name for table in reading.schema.tables] == ["a", "b"]
    assert read(script).schema == read(script, dialect="postgres").schema
    assert [table.name for table in read(script).schema.tables] == ["a", "b"]


@pytest.mark.parametrize("mark", ["-- //@UNDO", "---- create above / drop below ----", "# --- !Downs"])
def test_what_stands_below_a_mark_is_left_out(mark: str) -> None:
    """MyBatis, tern and Play have the way back at the end; a comment that says `down` is no mark."""
    script = f"-- scale down\n-- Down\nCREATE TABLE a (id int);\n{mark}\nDROP TABLE a;\n"
    assert [table.name for table in read(script, dialect="mysql").schema.tables] == ["a"]


def test_paths_that_lead_out_and_too_much_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A member with `..` is not read; too many members or too many bytes end with the limit in the message."""
    bad = zipped({"../evil.sql": "CREATE TABLE evil (id int);", "a.sql": "CREATE TABLE a (id int);"})
    assert [table.name for table in read_files([Input("b.zip", bad)]).schema.tables] == ["a"]
    monkeypatch.setattr(archives, "UNFOLDED_BYTES", 1000)
    for pack in (zipped, tarred, gzipped):
        with pytest.raises(Unreadable, match="unfolds to more than"):
            read_files([Input("b", pack({"a.sql": "-- " + "x" * 2000}))])
    monkeypatch.setattr(archives, "MOST_MEMBERS", 2)
    for pack in (zipped, tarred):
        with pytest.raises(Unreadable, match="more than 2 members"):
            read_files([Input("b", pack(dict.fromkeys("abc", "")))])


@pytest.mark.parametrize("content", [b"PK\x03\x04broken", b"\x1f\x8bbroken", zipped({"a.txt": "x"})])
def test_archives_with_nothing_to_read(content: bytes) -> None:
    """A damaged archive, and one that holds no description, are refused with a sentence."""
    with pytest.raises(Unreadable, match=r"cannot be unfolded|nothing to read"):
        read_files([Input("x.zip", content)])


def test_links_that_lead_out_of_a_folder_are_not_followed(tmp_path: Path) -> None:
    """What is read of a folder lies in it."""
    secret = tmp_path / "secret.sql"
    secret.write_text("CREATE TABLE secret (id int);")
    folder = lay_out(tmp_path / "m", {"1.sql": "CREATE TABLE a (id int);"})
    (folder / "2.sql").symlink_to(secret)
    assert [table.name for table in read_files([folder]).schema.tables] == ["a"]


def test_one_bad_file_costs_the_others_nothing(tmp_path: Path) -> None:
    """An empty file among others is a diagnostic; alone, it is refused."""
    folder = lay_out(tmp_path, {"1.sql": "CREATE TABLE a (id int);", "2.sql": " "})
    reading = read_files([folder])
    assert (len(reading.schema.tables), [found.code for found in reading.diagnostics]) == (1, ["READ-EMPTY"])
    with pytest.raises(Unreadable):
        read_files([folder / "2.sql"])


def test_odd_bytes_of_one_file_are_told(tmp_path: Path) -> None:
    """The warning names the file that is not UTF-8."""
    (tmp_path / "1.sql").write_bytes(b"CREATE TABLE a (id int); -- caf\xe9")
    (tmp_path / "2.sql").write_bytes(b"CREATE TABLE b (id int);")
    reading = read_files([tmp_path], dialect="postgres")
    assert len(reading.schema.tables) == 2
    (note,) = reading.diagnostics
    assert (note.code, note.origin and note.origin.file) == ("READ-ENCODING", str(tmp_path / "1.sql"))


def test_mixed_formats_are_joined() -> None:
    """Each file is read by itself; an object that two describe is kept as first described, with a diagnostic."""
    sql = Input("a.sql", "CREATE TABLE a (id int8); CREATE TABLE b (id int8);")
    yaml = Input("b.yaml", "tables: {b: {columns: {id: text}}, c: {columns: {id: int}}}")
    reading = read_files([sql, yaml])
    assert [(table.name, table.columns[0].type.name) for table in reading.schema.tables] == [
        ("a", "bigint"),
        ("b", "bigint"),
        ("c", "integer"),
    ]
    (found,) = reading.diagnostics
    assert (found.code, found.origin and found.origin.file) == ("READ-DUPLICATE", "b.yaml")
    assert reading.statements.total == 4


def test_a_prisma_schema_in_several_files(tmp_path: Path) -> None:
    """The models of one file refer to those of another, and all of them speak the dialect that one file names."""
    files = {
        "schema.prisma": 'datasource db {\n  provider = "mysql"\n}\n',
        "user.prisma": "model User {\n  id Int @id\n  posts Post[]\n}\n",
        "post.prisma": (
            "model Post {\n  id Int @id\n  by Int\n  user User @relation(fields: [by], references: [id])\n}\n"
        ),
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    reading = read_files([tmp_path])
    assert reading.diagnostics == ()
    assert reading.schema.dialect == "mysql"
    (key,) = next(table for table in reading.schema.tables if table.name == "Post").foreign_keys
    assert key.target.name == "User"


def test_a_doubtful_script_is_taken_for_what_the_others_are() -> None:
    """The dialect follows from all scripts together, unless one is sure of its own."""
    clear = Input("1.sql", "CREATE TABLE `a` (`id` int unsigned AUTO_INCREMENT PRIMARY KEY) ENGINE=InnoDB;\n" * 3)
    doubtful = Input("2.sql", "CREATE TABLE b (id int);")
    reading = read_files([clear, doubtful])
    assert [file.detection.dialect for file in reading.files] == ["mysql", "mysql"]


def test_one_file_reads_as_read_reads_it(shared_material: Path) -> None:
    """On a real dump nothing differs from `read` but the name of the file."""
    path = shared_material / "corpus/apps/postgres/northwind.sql"
    alone = read(path.read_bytes(), file=str(path))
    assert read_files([path]).schema == alone.schema


def test_unknown_names_are_refused() -> None:
    """A format or dialect that there is not is a mistake of the caller."""
    with pytest.raises(ValueError, match="There is no dialect"):
        read_files([Input("a.sql", "x")], dialect="oracle")  # type: ignore[arg-type]
    assert inputs.STDIN == "-"
