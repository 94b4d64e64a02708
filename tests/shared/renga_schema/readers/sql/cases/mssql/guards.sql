-- Scripts that may run twice, and what procedures do to the schema.
IF NOT EXISTS (SELECT * FROM sys.schemas WHERE name = 'sales') EXEC('CREATE SCHEMA [sales]');
GO
IF OBJECT_ID(N'[dbo].[Blogs]') IS NULL
BEGIN
    CREATE TABLE [Blogs] ([Id] int NOT NULL IDENTITY, [Url] nvarchar(max) NULL, CONSTRAINT [PK_Blogs] PRIMARY KEY ([Id]));
END;
GO
IF OBJECT_ID(N'[dbo].[Blogs]') IS NULL CREATE TABLE [dbo].[Blogs] (Other int);
CREATE TABLE Blogs (Other int);
GO 5
DECLARE @name sysname;
IF @name IS NOT NULL EXEC(N'ALTER TABLE [Blogs] DROP CONSTRAINT [' + @name + '];');
ALTER TABLE [Blogs] ALTER COLUMN [Url] nvarchar(200) NOT NULL;
go
EXEC sp_rename N'[dbo].[Blogs].[Url]', N'Link', N'COLUMN';
EXECUTE sys.sp_rename 'PK_Blogs', 'PK_Weblogs'
EXEC sp_rename 'dbo.Blogs', 'Weblogs'
GO
sp_addextendedproperty @name=N'MS_Description', @value=N'What''s written', @level0type=N'SCHEMA', @level0name=N'dbo',
  @level1type=N'TABLE', @level1name=N'Weblogs'
GO
EXEC sys.sp_addextendedproperty N'MS_Description', N'Where', 'SCHEMA', N'dbo', 'TABLE', N'Weblogs', 'COLUMN', N'Link'
EXEC dbo.something @a = 1
GO
CREATE TABLE t (a int NOT NULL, b int
  CONSTRAINT PK_t PRIMARY KEY CLUSTERED (a DESC))
ALTER TABLE t ADD CONSTRAINT DF_a DEFAULT (0) FOR a, CHECK (a > 0)
ALTER TABLE t WITH NOCHECK ADD CONSTRAINT FK_t FOREIGN KEY (b) REFERENCES dbo.Weblogs (Id), c int, d int
ALTER TABLE t NOCHECK CONSTRAINT FK_t
ALTER TABLE t DROP CONSTRAINT DF_a, COLUMN c, d
ALTER TABLE t ALTER COLUMN b ADD SPARSE
ALTER TABLE t SWITCH TO u
GO
