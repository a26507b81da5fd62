package yamltree_test

import (
	"strings"
	"testing"

	"github.com/segql/segql/internal/yamltree"
	"github.com/segql/segql/lang/source"
)

func parse(t *testing.T, text string) *yamltree.Node {
	t.Helper()
	n, diags := yamltree.Parse(source.New("x.yaml", text))
	for _, d := range diags {
		t.Errorf("%s", d)
	}
	return n
}

// A text that no .seg file can hold is refused, also as a key.
func TestNoCharacterZero(t *testing.T) {
	for _, text := range []string{`a: "x\0"`, `"\x00": b`, `a: ["\u0000"]`} {
		_, diags := yamltree.Parse(source.New("x.yaml", text+"\n"))
		if len(diags) != 1 || diags[0].Code != yamltree.CodeSyntax || !strings.Contains(diags[0].Span.Text(), `\`) {
			t.Errorf("%s: %v", text, diags)
		}
	}
}

// TestPlaces looks for the place of `word` in each form of scalar: the span
// of the characters in Text is that of the same characters in the file.
func TestPlaces(t *testing.T) {
	tests := []struct{ name, yaml, text, node string }{
		{"plain", "a: x word y # c\n", "x word y", "x word y"},
		{"plain in flow", "{a: x word y, b: 1}", "x word y", "x word y"},
		{"plain folded", "a: x\n  word\n  y\nb: 1\n", "x word y", "x\n  word\n  y"},
		{"double", `a: "x word y"` + "\n", "x word y", `"x word y"`},
		{"double escaped", `a: "đ\tx \u0111 word \"y\""` + "\n", "đ\tx đ word \"y\"", `"đ\tx \u0111 word \"y\""`},
		{"double folded", "a: \"x\n  word \\\n  y\"\nb: 1", "x word y", "\"x\n  word \\\n  y\""},
		{"single", "a: 'x word y'\n", "x word y", "'x word y'"},
		{"single doubled", "a: 'it''s ''a'' word'\n", "it's 'a' word", "'it''s ''a'' word'"},
		{"literal", "a: |\n  x\n    word\n  y\nb: 1\n", "x\n  word\ny\n", "|\n  x\n    word\n  y"},
		{"folded", "a: >-\n  x\n  word\n\n  y\nb: 1\n", "x word\ny", ">-\n  x\n  word\n\n  y"},
		{"tag", "a: !!str word\n", "word", "word"},
		{"crlf", "a: 1\r\nb: 2\r\nc: x word\r\n", "x word", "x word"},
		{"accents before", "Tỉnh: {đ: ế, c: word}", "word", "word"},
		{"byte order mark", "\ufeffa: word\n", "word", "word"},
		{"other line ends", "a: 1 #\u2028b: word\n", "word", "word"},
		{"emoji", "\"😀\": word", "word", "word"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			n := parse(t, test.yaml)
			var found *yamltree.Node
			walk(n, func(n *yamltree.Node) {
				if n.Kind == yamltree.Scalar && strings.Contains(n.Text, "word") {
					found = n
				}
			})
			if found == nil {
				t.Fatal("the word is lost")
			}
			if found.Text != test.text || found.Span.Text() != test.node {
				t.Errorf("text %q in %q, want %q in %q", found.Text, found.Span.Text(), test.text, test.node)
			}
			at := strings.Index(found.Text, "word")
			if got := found.At(at, at+4).Text(); got != "word" {
				t.Errorf("the word is placed at %q", got)
			}
			if start, end, ok := found.Verbatim(); ok && test.yaml[start:end] != found.Text {
				t.Errorf("verbatim is %q", test.yaml[start:end])
			}
		})
	}
}

func TestCommaInParentheses(t *testing.T) {
	n := parse(t, `{type: decimal(14, 0), f: g(h(a, b), c), n: , l: [start_of(day, at), b], q: "x (", p: y (}`)
	want := map[string]string{"type": "decimal(14, 0)", "f": "g(h(a, b), c)", "q": "x (", "p": "y ("}
	for key, text := range want {
		if got := n.Get(key); got == nil || got.Value.Text != text {
			t.Errorf("%s is %+v, want %q", key, got, text)
		}
	}
	if l := n.Get("l").Value.Items; len(l) != 2 || l[0].Text != "start_of(day, at)" || l[0].Span.Text() != "start_of(day, at)" {
		t.Errorf("l is %+v", l)
	}
	if n.Get("n").Value.Kind != yamltree.Null || len(n.Entries) != 6 {
		t.Errorf("there are %d entries", len(n.Entries))
	}
}

func TestSpansOfCollections(t *testing.T) {
	text := "a:\n  b: {c: 1, d: [x, y ,] } # e\n  f:\n  - g: 1\n    h: 2\n  - i\nj: {}\nk: []\nl:\n"
	n := parse(t, text)
	want := map[string]string{
		"a": strings.TrimSpace(text[2:strings.Index(text, "\nj")]), "j": "{}", "k": "[]", "l": "l",
	}
	for key, span := range want {
		if got := n.Get(key).Value.Span.Text(); got != span {
			t.Errorf("%s spans %q, want %q", key, got, span)
		}
	}
	b := n.Get("a").Value.Get("b")
	if got := b.Span().Text(); got != "b: {c: 1, d: [x, y ,] }" {
		t.Errorf("b spans %q", got)
	}
}

func TestEmptyFiles(t *testing.T) {
	for _, text := range []string{"", "\n\n", "# comment\n", "\ufeff"} {
		if n := parse(t, text); n != nil && n.Kind != yamltree.Null {
			t.Errorf("%q is %+v", text, n)
		}
	}
}

func TestNotText(t *testing.T) {
	_, diags := yamltree.Parse(source.New("x.yaml", "a: \xff\n"))
	if len(diags) != 1 || diags[0].Code != yamltree.CodeSyntax {
		t.Errorf("got %v", diags)
	}
}

func walk(n *yamltree.Node, visit func(*yamltree.Node)) {
	visit(n)
	for _, e := range n.Entries {
		walk(e.Key, visit)
		walk(e.Value, visit)
	}
	for _, item := range n.Items {
		walk(item, visit)
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"a: {b: [c, 'd''e', \"f\\n\"], g: f(x, y)}\nh: |\n  i\n  j\n", "- &a b\n- *a\n- <<: c\n", "a:\n\t- b\n", "? [x]\n: y\n", "a: \"b\n  c\\\n  d\"",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		n, diags := yamltree.Parse(source.New("x.yaml", text))
		for _, d := range diags {
			if s := d.Span; s.Start < 0 || s.End < s.Start || s.End > len(text) {
				t.Fatalf("%s spans %d–%d of %d", d.Code, s.Start, s.End, len(text))
			}
		}
		if n == nil {
			return
		}
		walk(n, func(n *yamltree.Node) {
			if s := n.Span; s.Start < 0 || s.End < s.Start || s.End > len(text) {
				t.Fatalf("%s spans %d–%d of %d", n.Kind, s.Start, s.End, len(text))
			}
			for i := range n.Text {
				if s := n.At(i, len(n.Text)); s.Start < 0 || s.End < s.Start || s.End > len(text) {
					t.Fatalf("%q from %d spans %d–%d of %d", n.Text, i, s.Start, s.End, len(text))
				}
			}
		})
	})
}
