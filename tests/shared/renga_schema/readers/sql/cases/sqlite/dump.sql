-- What the sqlite3 shell writes: tables of SQLite's own, and virtual tables with their shadows.
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE notes (id INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT);
INSERT INTO notes VALUES(1,'a;b');
INSERT INTO notes VALUES(2,replace('two\nlines','\n',char(10)));
PRAGMA writable_schema=ON;
INSERT INTO sqlite_schema(type,name,tbl_name,rootpage,sql)VALUES('table','search','search',0,'CREATE VIRTUAL TABLE search USING fts5(title, body UNINDEXED, tokenize = ''porter unicode61'')');
CREATE TABLE IF NOT EXISTS 'search_data'(id INTEGER PRIMARY KEY, block BLOB);
INSERT INTO search_data VALUES(1,X'');
INSERT INTO search_data VALUES(10,X'00000000000000');
CREATE TABLE IF NOT EXISTS 'search_idx'(segid, term, pgno, PRIMARY KEY(segid, term)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS 'search_content'(id INTEGER PRIMARY KEY, c0, c1);
CREATE TABLE IF NOT EXISTS 'search_docsize'(id INTEGER PRIMARY KEY, sz BLOB);
CREATE TABLE IF NOT EXISTS 'search_config'(k PRIMARY KEY, v) WITHOUT ROWID;
INSERT INTO search_config VALUES('version',4);
PRAGMA writable_schema=OFF;
CREATE TABLE search_history (id INTEGER PRIMARY KEY);
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('notes',2);
CREATE INDEX notes_body ON notes(body);
COMMIT;
PRAGMA writable_schema=RESET; -- so that the open connection sees it too
