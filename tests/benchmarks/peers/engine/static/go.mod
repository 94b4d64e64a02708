module renga.test/static

go 1.21
