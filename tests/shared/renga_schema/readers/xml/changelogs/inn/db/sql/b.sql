--liquibase formatted sql

--changeset bob:1 dbms:postgresql
--preconditions onFail:MARK_RAN
--precondition-sql-check expectedResult:0 SELECT COUNT(*) FROM information_schema.tables WHERE table_name='only_pg'
CREATE TABLE only_pg (id int PRIMARY KEY);
--rollback DROP TABLE only_pg;

--changeset bob:2 dbms:mysql,mariadb
CREATE TABLE only_my (id int PRIMARY KEY);

--changeset bob:3 endDelimiter:// splitStatements:true
CREATE TABLE both_a (id int NOT NULL, t varchar(10) DEFAULT 'a;b')
//
CREATE TABLE both_b (id int)
//
--rollback DROP TABLE both_a;
/* liquibase rollback
DROP TABLE both_b;
*/
--changeset "bob b":"4" context:test labels:x
--comment: hi
ALTER TABLE both_b ADD COLUMN x int;
