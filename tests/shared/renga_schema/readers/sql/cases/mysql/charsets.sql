-- Character sets are inherited, converted, and decide types.
CREATE DATABASE shop DEFAULT CHARACTER SET latin1;
ALTER DATABASE shop CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
USE shop;
CREATE TABLE inherits (a varchar(5));
CREATE TABLE sized (
  small text(60) CHARACTER SET latin1,
  large text(70000),
  packed blob(200),
  `bytes` varchar(9) CHARACTER SET binary,
  exact varchar(9) BINARY
) CHARSET=utf8mb4;
CREATE TABLE raw (a char(3), b text, c longtext CHARACTER SET utf8mb4) DEFAULT CHARSET=binary;
CREATE TABLE old (a varchar(5), b text, c int) CHARSET=latin1 COLLATE=latin1_bin;
ALTER TABLE old DEFAULT CHARACTER SET utf8mb4, ADD d varchar(5);
CREATE TABLE converted (a varchar(5), b text, c tinytext CHARACTER SET ascii) CHARSET=latin1;
ALTER TABLE converted CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
