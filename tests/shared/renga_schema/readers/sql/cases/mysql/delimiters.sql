-- The client cuts at its delimiter, the server what it is sent at semicolons outside of routines.
CREATE TABLE people (id int, note varchar(5));
delimiter $$
DROP TRIGGER IF EXISTS counted;
CREATE TRIGGER counted BEFORE INSERT ON people FOR EACH ROW
  IF NEW.id IS NULL THEN SET NEW.id = CASE WHEN NEW.note THEN IF(1, 2, 3) ELSE 4 END; END IF;
CREATE TABLE between_routines (a int);
CREATE AGGREGATE FUNCTION total(x int) RETURNS int
BEGIN
  DECLARE t int DEFAULT 0;
  DECLARE CONTINUE HANDLER FOR NOT FOUND RETURN t;
  again: LOOP FETCH GROUP NEXT ROW; SET t = t + x; END LOOP again;
END$$
/*!50003 CREATE*/ /*!50017 DEFINER=`renga`@`127.0.0.1`*/ /*!50003 TRIGGER marked AFTER DELETE ON people
  FOR EACH ROW DELETE FROM between_routines */$$
BEGIN NOT ATOMIC
  DECLARE n int; SET n = 1; CREATE TABLE unseen (a int);
END$$
delimiter ;
DROP TABLE unseen;
SET @statement = 'CREATE TABLE seen_by_nobody (a int)';
PREPARE s FROM @statement;
EXECUTE s;
DROP TABLE seen_by_nobody;
