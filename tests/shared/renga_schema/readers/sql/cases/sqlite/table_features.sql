-- What SQLite alone has: STRICT, WITHOUT ROWID, conflict clauses, generated columns, odd type names.
PRAGMA foreign_keys = ON;

CREATE TABLE kept (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL ON CONFLICT IGNORE COLLATE NOCASE,
  code TEXT UNIQUE ON CONFLICT REPLACE,
  big UNSIGNED BIG INT,
  anything,
  price REAL DEFAULT (1.5 + 1) CHECK (price > 0),
  total REAL GENERATED ALWAYS AS (price * 2) STORED,
  label TEXT AS (upper(name)),
  parent INTEGER REFERENCES kept ON DELETE SET NULL,
  UNIQUE (name, code) ON CONFLICT ROLLBACK
);

CREATE TABLE strict_one (
  key TEXT,
  value ANY DEFAULT 'it''s',
  PRIMARY KEY (key)
) STRICT, WITHOUT ROWID;

CREATE TABLE no_alias (id INTEGER PRIMARY KEY DESC, other INT DEFAULT -1);
CREATE TABLE "quoted ""name" ([a b] int, `c d` int, 'e f' int, CHECK ([a b] > `c d`) CHECK ('e f' <> 1));
CREATE TABLE IF NOT EXISTS kept (other INT);

CREATE INDEX "by name" ON kept (name COLLATE NOCASE DESC);
CREATE UNIQUE INDEX active ON kept (code) WHERE code IS NOT NULL;
CREATE INDEX computed ON kept (lower(name), price + 1, big);
CREATE VIEW cheap AS SELECT name FROM kept WHERE price < 10;
CREATE VIRTUAL TABLE search USING fts5(name, code);

CREATE TRIGGER touch AFTER UPDATE OF name, code ON kept WHEN new.price > CASE WHEN 1 THEN 2 ELSE 3 END
BEGIN
  UPDATE kept SET code = CASE WHEN new.code = ';' THEN 'x' ELSE new.code END WHERE id = new.id;
  SELECT 1;
END;
