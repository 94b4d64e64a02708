-- A library, with one of everything that MySQL has and the model holds.
CREATE TABLE branch (
    id smallint unsigned NOT NULL AUTO_INCREMENT,
    name varchar(80) NOT NULL COMMENT 'On the sign',
    motto varchar(40) CHARACTER SET latin1 COLLATE latin1_bin DEFAULT NULL,
    opened datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
    seen timestamp NULL DEFAULT NULL,
    is_open tinyint(1) NOT NULL DEFAULT '1',
    kind enum('main','it''s small') NOT NULL DEFAULT 'main',
    flags set('a','b') DEFAULT NULL,
    budget decimal(10,2) unsigned NOT NULL DEFAULT '0.00',
    rating float DEFAULT NULL,
    founded year DEFAULT NULL,
    photo mediumblob,
    notes longtext,
    extra json DEFAULT NULL,
    name_upper varchar(80) GENERATED ALWAYS AS (upper(`name`)) VIRTUAL,
    `rank` int NOT NULL DEFAULT 0,
    PRIMARY KEY (id),
    UNIQUE KEY branch_name (name),
    KEY branch_notes (notes(20)),
    KEY branch_rank (`rank` DESC, name) COMMENT 'For the list',
    FULLTEXT KEY branch_words (notes),
    CONSTRAINT rank_is_small CHECK (`rank` < 100)
) ENGINE=InnoDB AUTO_INCREMENT=12 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci COMMENT='A house with books';

CREATE TABLE loan (
    branch_id smallint unsigned NOT NULL,
    lent_on date NOT NULL,
    no int unsigned NOT NULL,
    book_id smallint unsigned REFERENCES branch (id),
    PRIMARY KEY (branch_id, lent_on, no),
    CONSTRAINT loan_branch FOREIGN KEY (branch_id) REFERENCES branch (id) ON DELETE CASCADE
) ENGINE=InnoDB;
CREATE UNIQUE INDEX loan_no ON loan (no);
CREATE INDEX loan_day ON loan (lent_on);

CREATE TABLE visit (
    at date NOT NULL,
    count int NOT NULL,
    PRIMARY KEY (at)
) ENGINE=InnoDB
PARTITION BY RANGE (year(at)) (
    PARTITION p2025 VALUES LESS THAN (2026),
    PARTITION later VALUES LESS THAN MAXVALUE
);

CREATE VIEW open_branch AS SELECT id, name FROM branch WHERE is_open = 1;
