// Command lexemes prints the tokens and comments of .seg files as JSON, one
// file a line, so that grammars of editors can be held to the lexer:
//
//	{"file": "a.seg", "tokens": [{"kind": "word", "start": 0, "end": 7, "reserved": false}]}
//
// Offsets are UTF-16 units of the text.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"unicode/utf16"

	"github.com/segql/segql/lang/syntax"
)

type token struct {
	Kind     string `json:"kind"`
	Start    int    `json:"start"`
	End      int    `json:"end"`
	Reserved bool   `json:"reserved"`
}

func main() {
	out := json.NewEncoder(os.Stdout)
	for _, name := range os.Args[1:] {
		raw, err := os.ReadFile(name)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		if err := out.Encode(map[string]any{"file": name, "tokens": tokens(name, raw)}); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

func tokens(name string, raw []byte) []token {
	file, _ := syntax.Load(name, raw)
	units := make([]int, len(file.Text)+1)
	n := 0
	for i, r := range file.Text {
		units[i] = n
		n += utf16.RuneLen(r)
	}
	units[len(file.Text)] = n
	list, comments := syntax.Tokens(file, 0, len(file.Text))
	out := []token{}
	for i, t := range list {
		reserved := t.Kind == syntax.WordToken && syntax.Reserved(t.Text) && (i == 0 || list[i-1].Text != ".")
		out = append(out, token{t.Kind.String(), units[t.Start], units[t.End], reserved})
	}
	for _, c := range comments {
		out = append(out, token{"comment", units[c.Loc.Start], units[c.Loc.End], false})
	}
	return out
}
