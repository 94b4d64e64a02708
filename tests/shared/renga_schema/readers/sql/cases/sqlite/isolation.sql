-- refused by SQLite: one bad statement is one diagnostic, and the rest is read.
CREATE TABLE first (id INT);
CREATE TABLE broken (id INT,, name TEXT);
CREATE TABLE second (
  id INT,
  id TEXT
);
ALTER TABLE frist ADD COLUMN x INT;
GIBBERISH AND MORE;
CREATE TABLE unfinished (id INT;
CREATE TABLE last (id INT);
