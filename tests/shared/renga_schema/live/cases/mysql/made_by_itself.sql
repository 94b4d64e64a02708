-- What MySQL makes by itself beside what is said, and what it forgets.
CREATE TABLE owners (id int AUTO_INCREMENT PRIMARY KEY, mail varchar(90) UNIQUE, UNIQUE KEY both_of (id, mail));
CREATE TABLE things (
  id int NOT NULL, owner int, friend int, buyer int, code char(4), note text,
  PRIMARY KEY (id, owner),
  KEY (owner), KEY by_code (code, buyer), FULLTEXT KEY words (note),
  CONSTRAINT owned FOREIGN KEY (owner) REFERENCES owners (id),
  CONSTRAINT befriended FOREIGN KEY (friend) REFERENCES owners (id) ON DELETE CASCADE,
  FOREIGN KEY (buyer) REFERENCES owners (id),
  CHECK (id > 0), CONSTRAINT short CHECK (char_length(code) < 5)
);
CREATE UNIQUE INDEX things_code ON things (code);
CREATE TABLE old (id int, owner int, KEY (owner)) ENGINE=MyISAM;
CREATE TEMPORARY TABLE scratch (id int PRIMARY KEY);
CREATE TABLE years (y int NOT NULL, h int) PARTITION BY RANGE (y) SUBPARTITION BY HASH (h) SUBPARTITIONS 2
  (PARTITION a VALUES LESS THAN (2000), PARTITION b VALUES LESS THAN MAXVALUE);
CREATE TABLE hashed (id int) PARTITION BY HASH (id) PARTITIONS 3;
CREATE TABLE copied LIKE owners;
CREATE VIEW seen AS SELECT id FROM things;
DELIMITER ;;
CREATE TRIGGER grow BEFORE INSERT ON things FOR EACH ROW BEGIN SET NEW.id = NEW.id + 1; END ;;
CREATE FUNCTION twice(n int) RETURNS int DETERMINISTIC RETURN n * 2 ;;
CREATE PROCEDURE nothing() BEGIN SELECT 1; SELECT 2; END ;;
DELIMITER ;
ALTER TABLE things DROP KEY by_code;
ALTER TABLE old ADD COLUMN more int, ADD INDEX (more);
