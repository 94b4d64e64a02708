CREATE TABLE `People` (
  `PersonId` bigint(20) NOT NULL AUTO_INCREMENT,
  `FullName` varchar(50) NOT NULL,
  `Mood` enum('sad','ok') DEFAULT 'ok',
  `Born` date DEFAULT NULL,
  `Changed` timestamp NOT NULL DEFAULT current_timestamp(),
  `Balance` decimal(10,2) NOT NULL DEFAULT 0.00,
  `Fee` int(11) DEFAULT NULL CHECK (`Fee` >= 0),
  `Active` tinyint(1) NOT NULL DEFAULT 1,
  `Ratio` double DEFAULT NULL,
  `Photo` longblob DEFAULT NULL,
  PRIMARY KEY (`PersonId`),
  UNIQUE KEY `OneName` (`FullName`,`Born`)
) ENGINE=InnoDB;
CREATE TABLE `Visits` (
  `PersonId` bigint(20) NOT NULL,
  `At` datetime NOT NULL,
  `Notes` varchar(700) DEFAULT NULL,
  PRIMARY KEY (`PersonId`,`At`),
  UNIQUE KEY `OneNote` (`Notes`),
  CONSTRAINT `Visitor` FOREIGN KEY (`PersonId`) REFERENCES `People` (`PersonId`) ON DELETE CASCADE
) ENGINE=InnoDB;
