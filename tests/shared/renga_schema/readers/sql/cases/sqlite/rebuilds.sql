-- Migration tools rebuild a table to change it; its indexes go with the old one, and references stay with the name.
PRAGMA foreign_keys=OFF;
CREATE TABLE "User" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "email" TEXT NOT NULL);
CREATE UNIQUE INDEX "User_email_key" ON "User"("email");
CREATE TABLE post (id INTEGER PRIMARY KEY, "user" INT REFERENCES "User" (id));
CREATE TRIGGER touched AFTER UPDATE ON "User" BEGIN SELECT 1; END;
CREATE TABLE "new_User" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "email" TEXT NOT NULL, "name" TEXT);
INSERT INTO "new_User" ("email", "id") SELECT "email", "id" FROM "User";
DROP TABLE "User";
ALTER TABLE "new_User" RENAME TO "User";
CREATE UNIQUE INDEX "User_email_key" ON "User"("email");
PRAGMA foreign_key_check;
PRAGMA foreign_keys=ON;

ALTER TABLE post RENAME TO post_old;
CREATE TABLE post (id INTEGER PRIMARY KEY, title TEXT NOT NULL);
DROP TABLE post_old;
