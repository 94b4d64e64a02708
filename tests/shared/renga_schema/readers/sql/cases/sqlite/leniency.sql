-- What SQLite lets pass: quotes of every kind, keywords as names, types of any words, keys and names beside the point.
CREATE TABLE [a b] ('id' INTEGER, "key" TEXT, `desc` INT, [select] "long type" NOT NULL, action 'odd', PRIMARY KEY ("id" AUTOINCREMENT));
CREATE TABLE types (a UNSIGNED BIG INT, b DECIMAL(+10, -5), c TIMESTAMP WITH TIME ZONE, d, e VARYING CHARACTER(9), f BIG INT DEFAULT 3);
CREATE TABLE key (
  id INTEGER PRIMARY KEY ON CONFLICT REPLACE,
  code TEXT NULL ON CONFLICT FAIL UNIQUE ON CONFLICT ABORT CONSTRAINT idle,
  label TEXT CONSTRAINT filled NOT NULL CONSTRAINT given DEFAULT 'x' CONSTRAINT one UNIQUE,
  again TEXT CONSTRAINT computed GENERATED ALWAYS AS (label || ';') VIRTUAL,
  owner REFERENCES [a b] MATCH FULL ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
  UNIQUE (code), UNIQUE (label COLLATE NOCASE) UNIQUE (label, code)
  CHECK (id > 0) CONSTRAINT idle_too
);
CREATE TABLE same (code TEXT PRIMARY KEY UNIQUE, id INTEGER, UNIQUE (CODE));
CREATE TABLE fixed (a, b, PRIMARY KEY (a DESC, b COLLATE NOCASE)) WITHOUT ROWID;
CREATE TABLE rowid_after_all (id INTEGER, PRIMARY KEY (id DESC));
CREATE INDEX expressions ON key (-id, CASE WHEN id THEN code END, NOT id, (label), code COLLATE NOCASE DESC, label COLLATE RTRIM || code, json_extract(label, '$.a;b'));
CREATE VIRTUAL TABLE places USING rtree(id, min_x, max_x, +name TEXT);
