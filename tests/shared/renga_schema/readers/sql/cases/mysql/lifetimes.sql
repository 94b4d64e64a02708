-- What hides, replaces, renames and drops what.
CREATE DATABASE gone;
USE gone;
CREATE TABLE t (a int);
CREATE VIEW v AS SELECT a FROM t;
CREATE PROCEDURE p() SELECT 1;
CREATE SEQUENCE s;
DROP DATABASE gone;
CREATE DATABASE shop;
USE shop;

CREATE TABLE kept (id int);
CREATE TEMPORARY TABLE kept (other int, more int);
ALTER TABLE kept ADD third int;
DROP TEMPORARY TABLE IF EXISTS kept;
ALTER TABLE kept ADD note varchar(5);
CREATE TABLE raw (a int);
DROP TEMPORARY TABLE IF EXISTS raw;
CREATE TEMPORARY TABLE raw (x int);

CREATE TABLE made_twice (a int);
CREATE OR REPLACE TABLE made_twice (b int);
CREATE INDEX i ON made_twice (b);
CREATE OR REPLACE INDEX i ON made_twice (b DESC);
ALTER TABLE made_twice RENAME COLUMN IF EXISTS nothing TO something, ALTER KEY i IGNORED;
CREATE TABLE one (a int);
CREATE TABLE two (b int);
RENAME TABLES one TO three, two TO one, three TO two;
CREATE TABLE three (c int);
DROP TABLES three, two;

CREATE SEQUENCE counter START WITH 5 INCREMENT BY 5 MAXVALUE 100 CYCLE;
CREATE EVENT before_it ON SCHEDULE EVERY 1 DAY DO DELETE FROM raw;
ALTER EVENT before_it RENAME TO after_it;
ALTER EVENT after_it DISABLE;
CREATE EVENT no_more ON SCHEDULE EVERY 1 DAY DO DELETE FROM raw;
DROP EVENT no_more;
DO 1;

CREATE TABLE swapped (a int, b varchar(5), c int, KEY ab (a, b));
ALTER TABLE swapped CHANGE a b int, CHANGE b a varchar(9);
ALTER TABLE swapped RENAME COLUMN a TO c, RENAME COLUMN c TO a, ADD UNIQUE KEY IF NOT EXISTS ab (c), ADD UNIQUE once (c);
CREATE VIEW looks AS SELECT a FROM swapped;
RENAME TABLE looks TO seen, counter TO numbers;
CREATE TABLE bits (b bit(4) DEFAULT 5);
