-- What mysqldump, MariaDB's dump and people write.
/*!999999\- enable the sandbox mode */
/*!40101 SET NAMES utf8mb4 */;
/*M!100616 SET @OLD_NOTE_VERBOSITY=@@NOTE_VERBOSITY */;
# an old comment; with a semicolon
DROP TABLE IF EXISTS `people`;
CREATE TABLE `people` (
  `id` int(10) unsigned NOT NULL AUTO_INCREMENT COMMENT 'it''s; the \'key\'',
  `name` varchar(50) CHARACTER SET latin1 COLLATE latin1_bin NOT NULL DEFAULT "it's",
  `active` tinyint(1) NOT NULL DEFAULT '1',
  `tiny` tinyint(4) unsigned zerofill DEFAULT NULL,
  `price` decimal(10) unsigned DEFAULT '0',
  `ratio` float(7,4) DEFAULT NULL,
  `mood` enum('sad','o''k','a,b)') DEFAULT 'sad',
  `flags` set('x','y') DEFAULT NULL,
  `bits` bit(3) DEFAULT b'101',
  `born` year(4) DEFAULT NULL,
  `changed` timestamp(6) NOT NULL DEFAULT current_timestamp(6) ON UPDATE current_timestamp(6),
  `made` datetime DEFAULT current_timestamp(),
  `notes` longtext DEFAULT NULL,
  `packed` longtext /*M!100301 COMPRESSED*/ DEFAULT NULL,
  `place` point NOT NULL,
  `total` int(11) GENERATED ALWAYS AS (`price` * 2) STORED,
  `label` varchar(60) AS (concat(`name`, '!')) VIRTUAL,
  `ref` int(10) unsigned REFERENCES `people` (`id`),
  PRIMARY KEY (`id`) USING BTREE,
  UNIQUE KEY `by_name` (`name`(10),`active`) USING BTREE COMMENT 'prefix',
  UNIQUE KEY (`tiny`),
  KEY `prefixed` (`notes`(20) ASC, `price`),
  KEY (`price`),
  KEY (`price`, `ratio`),
  FULLTEXT KEY `words` (`notes`),
  SPATIAL KEY `where` (`place`),
  CONSTRAINT `positive` CHECK (`price` >= 0 and `name` <> _utf8mb4'x'),
  CHECK (`active` > 0)
) ENGINE=InnoDB AUTO_INCREMENT=42 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC COMMENT='all of ''them''';
/*!40000 ALTER TABLE `people` DISABLE KEYS */;
INSERT INTO `people` (`name`, `place`) VALUES ('a;\'b', point(1, 2)), ('); DROP TABLE `people`;', point(1, 2));
CREATE TABLE orders (
  id serial,
  person int unsigned,
  later int,
  at date NOT NULL,
  KEY person_idx (person),
  CONSTRAINT fk_person FOREIGN KEY fk_index (person) REFERENCES people (ID) ON DELETE CASCADE
);
CREATE TABLE ranges (id int NOT NULL, at date NOT NULL, region varchar(5) NOT NULL)
/*!50100 PARTITION BY RANGE (year(`at`))
SUBPARTITION BY HASH (to_days(at)) SUBPARTITIONS 2
(PARTITION p0 VALUES LESS THAN (2000) COMMENT = 'old' ENGINE = InnoDB,
 PARTITION p1 VALUES LESS THAN MAXVALUE ENGINE = InnoDB) */;
CREATE TABLE lists (region varchar(5)) PARTITION BY LIST COLUMNS (region) (PARTITION eu VALUES IN ('de', 'fr'), PARTITION other VALUES IN ('us'));
CREATE TABLE hashes (id int) PARTITION BY LINEAR HASH (id) PARTITIONS 4;
CREATE TABLE keyed (id int PRIMARY KEY) PARTITION BY KEY () PARTITIONS 2;
CREATE INDEX later USING HASH ON orders (later);
CREATE ALGORITHM=UNDEFINED DEFINER=`root`@`localhost` SQL SECURITY DEFINER VIEW `v` AS select `id` from `people` WITH CASCADED CHECK OPTION;
/*!50001 DROP VIEW IF EXISTS `v`*/;
/*!50001 CREATE ALGORITHM=UNDEFINED */
/*!50013 DEFINER=`root`@`localhost` SQL SECURITY INVOKER */
/*!50001 VIEW `v` AS select `people`.`id` AS `id` from `people` */;
DELIMITER ;;
/*!50003 CREATE*/ /*!50017 DEFINER=`root`@`localhost`*/ /*!50003 TRIGGER people_bi BEFORE INSERT ON people FOR EACH ROW BEGIN
  IF new.price IS NULL THEN SET new.price = 0; END IF;
END */;;
DELIMITER //
CREATE PROCEDURE shout(IN a int, OUT b text)
BEGIN
  DECLARE i int DEFAULT 0;
  WHILE i < a DO SET i = i + 1; END WHILE;
  CASE a WHEN 1 THEN SELECT 1; ELSE SELECT 2; END CASE;
END//
CREATE FUNCTION twice(a int) RETURNS int DETERMINISTIC RETURN a * 2//
DELIMITER ;
CREATE TRIGGER people_ad AFTER DELETE ON people FOR EACH ROW BEGIN
  DELETE FROM orders WHERE person = old.id;
  DELETE FROM orders WHERE person IS NULL;
END;
CREATE EVENT cleanup ON SCHEDULE EVERY 1 DAY DO DELETE FROM orders;
