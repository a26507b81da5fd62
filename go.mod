module github.com/segql/segql

go 1.26
