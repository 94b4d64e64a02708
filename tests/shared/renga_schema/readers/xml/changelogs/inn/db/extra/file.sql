ALTER TABLE guest ADD COLUMN by_file int;
