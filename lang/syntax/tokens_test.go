package syntax_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/segql/segql/lang/source"
	"github.com/segql/segql/lang/syntax"
)

func TestTokens(t *testing.T) {
	f := source.New("a.seg", "x\n`Thu nhập` = \"a\\\"b\" 20% 1_0 2025-03 2025-03-08T10:30 matches /a/i # c\n")
	toks, comments := syntax.Tokens(f, 2, len(f.Text))
	var got []string
	for _, k := range toks {
		got = append(got, fmt.Sprintf("%s %s", k.Kind, k.Text))
	}
	want := "quoted Thu nhập, operator =, text a\"b, percent 20, number 10, month 2025-03, time 2025-03-08T10:30, word matches, regex /a/i"
	if g := strings.Join(got, ", "); g != want {
		t.Errorf("got  %s\nwant %s", g, want)
	}
	if !toks[0].First || !toks[0].Column0 || toks[1].First || len(comments) != 1 || comments[0].Text != "# c" {
		t.Errorf("%+v %v", toks[:2], comments)
	}
	if syntax.Unit("day") != "days" || syntax.Unit("dayz") != "" {
		t.Error("units")
	}
}
