package diag_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/lang/source"
)

func TestApply(t *testing.T) {
	f, other := source.New("a.seg", "0123456789"), source.New("b.seg", "x")
	edit := func(start, end int, text string) diag.Edit {
		return diag.Edit{Span: source.Span{File: f, Start: start, End: end}, Text: text}
	}
	for _, c := range []struct {
		name  string
		edits []diag.Edit
		want  string // "" where it must fail
	}{
		{"nothing", nil, "0123456789"},
		{"another file", []diag.Edit{{Span: source.Span{File: other, End: 1}, Text: "y"}}, "0123456789"},
		{"in any order", []diag.Edit{edit(8, 10, "Z"), edit(0, 1, "A"), edit(4, 4, "-")}, "A123-4567Z"},
		{"insertions keep their order", []diag.Edit{edit(3, 3, "a"), edit(3, 3, "b"), edit(3, 3, "c")}, "012abc3456789"},
		{"insertion before what is replaced", []diag.Edit{edit(3, 5, "x"), edit(3, 3, "a"), edit(5, 5, "b")}, "012axb56789"},
		{"neighbours", []diag.Edit{edit(2, 4, ""), edit(4, 6, "")}, "016789"},
		{"overlap", []diag.Edit{edit(2, 5, ""), edit(4, 6, "")}, ""},
		{"insertion inside", []diag.Edit{edit(2, 5, ""), edit(3, 3, "a")}, ""},
		{"twice", []diag.Edit{edit(2, 5, "a"), edit(2, 5, "a")}, ""},
		{"outside", []diag.Edit{edit(9, 11, "a")}, ""},
		{"backwards", []diag.Edit{edit(5, 4, "a")}, ""},
	} {
		got, err := diag.Apply(f, c.edits)
		if got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%s: got %q, %v; want %q", c.name, got, err, c.want)
		}
	}
}

// Applying edits at once is applying them one by one from the end.
func TestApplyFromTheEnd(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringN(0, 40, 80).Draw(t, "text")
		f := source.New("a.seg", text)
		var edits []diag.Edit
		want, at := text, 0
		for at < len(text) {
			start := rapid.IntRange(at, len(text)).Draw(t, "start")
			end := rapid.IntRange(start, len(text)).Draw(t, "end")
			fresh := rapid.SampledFrom([]string{"", "a", "bcd"}).Draw(t, "fresh")
			edits = append(edits, diag.Edit{Span: source.Span{File: f, Start: start, End: end}, Text: fresh})
			at = end + 1
		}
		for i := len(edits) - 1; i >= 0; i-- {
			e := edits[i]
			want = want[:e.Span.Start] + e.Text + want[e.Span.End:]
		}
		got, err := diag.Apply(f, rapid.Permutation(edits).Draw(t, "edits"))
		if err != nil || got != want {
			t.Fatalf("got %q, %v; want %q", got, err, want)
		}
	})
}

func TestFixes(t *testing.T) {
	f := source.New("a.seg", "0123456789")
	fix := func(edits ...diag.Edit) diag.Diagnostic { return diag.Diagnostic{Edits: edits} }
	edit := func(start, end int, text string) diag.Edit {
		return diag.Edit{Span: source.Span{File: f, Start: start, End: end}, Text: text}
	}
	list := diag.List{
		fix(edit(0, 2, "a"), edit(5, 5, "(")),
		fix(edit(8, 9, "b"), edit(1, 3, "clash")), // none of a clashing fix is taken
		fix(edit(0, 2, "a"), edit(6, 7, "c")),     // asks for one change again
		fix(),
		fix(edit(5, 5, "[")), // whose order with the other insertion is a guess
	}
	edits, left := diag.Fixes(list)
	if len(left) != 3 {
		t.Errorf("%d left, want 3", len(left))
	}
	got, err := diag.Apply(f, edits)
	if err != nil || got != "a234(5c789" {
		t.Errorf("got %q, %v", got, err)
	}
	if edits, left := diag.Fixes(nil); edits != nil || left != nil {
		t.Errorf("of nothing: %v, %v", edits, left)
	}
}
