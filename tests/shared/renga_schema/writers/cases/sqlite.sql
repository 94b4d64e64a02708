-- A library, with one of everything that SQLite has and the model holds.
CREATE TABLE branch (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL COLLATE NOCASE UNIQUE ON CONFLICT IGNORE,
    opened DATETIME DEFAULT CURRENT_TIMESTAMP,
    anything,
    size REAL DEFAULT 1.5 CHECK (size > 0),
    name_upper TEXT GENERATED ALWAYS AS (upper(name)) VIRTUAL,
    stamp TEXT DEFAULT (datetime('now'))
);
CREATE TABLE loan (
    branch_id INTEGER NOT NULL REFERENCES branch ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    "no" INT NOT NULL,
    book VARCHAR(20),
    PRIMARY KEY (branch_id, "no")
) WITHOUT ROWID;
CREATE TABLE word (id INTEGER PRIMARY KEY, word TEXT NOT NULL) STRICT;
CREATE UNIQUE INDEX loan_book ON loan (book) WHERE book IS NOT NULL;
CREATE INDEX loan_lower ON loan (lower(book) DESC);
CREATE VIRTUAL TABLE page USING fts5(title, body);
CREATE VIEW lent AS SELECT book FROM loan WHERE "no" > 0;
CREATE TRIGGER loan_log AFTER INSERT ON loan BEGIN DELETE FROM word WHERE id = NEW."no"; END;
