-- What SQL Server Management Studio writes: batches, brackets, and semicolons as a matter of taste.
USE [master]
GO
SET ANSI_NULLS ON
GO
CREATE TABLE [dbo].[People](
	[Id] [int] IDENTITY(10,5) NOT NULL,
	[Name] [nvarchar](50) COLLATE Latin1_General_CI_AS NOT NULL,
	[Notes] [nvarchar](max) NULL,
	[Active] [bit] NOT NULL CONSTRAINT [DF_Active] DEFAULT ((1)),
	[RowId] [uniqueidentifier] ROWGUIDCOL NOT NULL,
	[Made] [datetime2](7) NOT NULL,
	[Flag] [dbo].[Flag] NULL,
	[Total]  AS ([Id]*(2)) PERSISTED,
 CONSTRAINT [PK_People] PRIMARY KEY CLUSTERED 
(
	[Id] ASC
)WITH (PAD_INDEX = OFF, STATISTICS_NORECOMPUTE = OFF) ON [PRIMARY]
) ON [PRIMARY] TEXTIMAGE_ON [PRIMARY]
GO
CREATE TABLE dbo.Orders (Id int PRIMARY KEY, PersonId int NOT NULL, Price money CHECK (Price > 0))
CREATE UNIQUE NONCLUSTERED INDEX [IX_Person] ON [dbo].[Orders] ([PersonId] DESC) INCLUDE ([Price]) WHERE ([Price] > 5) WITH (FILLFACTOR = 80) ON [PRIMARY]
ALTER TABLE [dbo].[People] ADD  CONSTRAINT [DF_Made]  DEFAULT (getdate()) FOR [Made]
GO
ALTER TABLE [dbo].[Orders]  WITH CHECK ADD  CONSTRAINT [FK_Orders_People] FOREIGN KEY([PersonId])
REFERENCES [dbo].[People] ([Id])
ON UPDATE CASCADE
ON DELETE
SET NULL
GO
ALTER TABLE [dbo].[Orders] CHECK CONSTRAINT [FK_Orders_People]
GO
ALTER TABLE dbo.Orders
ALTER COLUMN PersonId bigint NULL
GO
CREATE VIEW [dbo].[Cheap] WITH SCHEMABINDING AS
SELECT Id FROM dbo.Orders WHERE Price < 10;
GO
CREATE TRIGGER dbo.Touch ON dbo.Orders AFTER INSERT, UPDATE AS
BEGIN
  UPDATE dbo.Orders SET Price = 1;
  SELECT 1
END
GO
CREATE PROCEDURE dbo.DoIt @a int, @b nvarchar(10) = N'x' AS
SELECT @a;
CREATE TABLE #inside (id int);
GO
EXEC sys.sp_addextendedproperty @name=N'MS_Description', @value=N'x'
GO
