package main

import (
	"bufio"
	"bytes"
	"io"

	"github.com/segql/segql/runtime/duckdb"
)

// objects is the input without its byte order mark, or says what it holds when
// that is no JSON objects at all: a message for each of its lines would not.
func objects(name string, in io.Reader) (io.Reader, error) {
	r := bufio.NewReaderSize(in, 16)
	mark := []byte("\ufeff")
	head, _ := r.Peek(1) // an error comes again when it is read
	if len(head) > 0 && head[0] != '{' {
		head, _ = r.Peek(len(mark))
	}
	if bytes.HasPrefix(head, mark) {
		if _, err := r.Discard(len(mark)); err != nil {
			panic(err) // it was there
		}
		head, _ = r.Peek(1)
	}
	shown := inputName(name)
	switch {
	case bytes.HasPrefix(head, []byte("\x1f\x8b")):
		return nil, duckdb.NewProblem(duckdb.DamagedFile, "%s is compressed with gzip", shown).
			WithHelp("unpack it: gzip -dc FILE | segql eval --customer -")
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("\xfe\xff")):
		return nil, duckdb.NewProblem(duckdb.DamagedFile, "%s is in UTF-16", shown).WithHelp("save it in UTF-8")
	case bytes.HasPrefix(head, []byte("[")):
		return nil, duckdb.NewProblem(duckdb.DamagedFile, "%s holds a list, not an object for each customer", shown).
			WithHelp("write one object a line: jq -c '.[]' FILE | segql eval --customer -")
	}
	return r, nil
}
