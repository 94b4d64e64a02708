-- How a script is to be read changes while it is read; names may begin with digits.
CREATE TABLE 2020_sales (
  1st int NOT NULL DEFAULT 00,
  $x varchar(5) DEFAULT 0,
  changed timestamp(3) NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp(),
  PRIMARY KEY (1st DESC),
  UNIQUE KEY x ($x DESC)
);
SET @saved_sql_mode = @@sql_mode;
SET SESSION sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES';
CREATE TABLE "quoted" ("the day" date COMMENT 'a\', CHECK ("the day" > '2000-01-01'));
CREATE VIEW shown AS SELECT "the day" FROM "quoted";
SET sql_mode = @saved_sql_mode;
CREATE TABLE unquoted (name varchar(9) DEFAULT "it's \"");
SET sql_mode = CONCAT(@@sql_mode, ',ANSI_QUOTES');
CREATE TABLE "again" (a int);
SET sql_mode = REPLACE(@@sql_mode, 'ANSI_QUOTES', '');
CREATE TABLE plain (a varchar(5) DEFAULT "a");
