package diag_test

import (
	"io"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/clipperhouse/displaywidth"
	"pgregory.net/rapid"

	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/lang/source"
)

// pieces are what lines are made of: everything that is not one column wide.
var pieces = []string{
	"a", "word ", " ", "\t", "Đà Nẵng", "ắ", "a\u0306\u0301", "東京", "ｆｕｌｌ", "🎉", "👩‍👩‍👧", "🇻🇳", "❤️", "1️⃣", "👍🏽",
	"हिन्दी", "ไทย", "한국", "\u1112\u1161\u11ab", "\x1b[31m", "\x00", "\x9b", "\u009b", "\u202e", "\u200b", "\u200d", "\u0301", "\xff\xfe", "\u00a0",
	"\u0600", "\u0d4e", "🏽", "\U0001F1FB", "\ufe0f", "\u0903", "\u3000", "\r",
}

func lineOf(t *rapid.T, label string) string {
	return strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 12).Draw(t, label), "")
}

var sourceRow = regexp.MustCompile(`(?m)^ 1 \| (.*)$`)
var markRow = regexp.MustCompile(`(?m)^   \| ( *)(\^+)`)

// The caret stands where the span begins: as many columns from the bar as
// the shown text before it is wide, and as many carets as the span.
func TestCaretColumn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		// Some rare signs take the next letter into their cluster: the
		// space is for them. Y may take in a mark that follows.
		before, after := lineOf(t, "before")+" ", lineOf(t, "after")
		line := before + "XwordY" + after
		f := source.New("a.seg", line)
		span := source.Span{File: f, Start: len(before), End: len(before) + len("XwordY")}
		out := rendered(t, diag.List{{Code: "SEG1001", Message: "m", Span: span}}, diag.Options{Width: 10_000})
		row := sourceRow.FindStringSubmatch(out)
		marks := markRow.FindStringSubmatch(out)
		if row == nil || marks == nil {
			t.Fatalf("no frame in\n%s", out)
		}
		shown, _, ok := strings.Cut(row[1], "Xword")
		if !ok {
			t.Fatalf("the span is not shown in\n%s", out)
		}
		if want := displaywidth.String(shown); len(marks[1]) != want {
			t.Fatalf("caret in column %d, want %d\n%s", len(marks[1]), want, out)
		}
	})
}

// However long the line and narrow the terminal, the row fits and the caret
// stands below the character it means.
func TestWindow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		filler := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "東", "🎉", "\t", "ắ", "\x1b"}), 0, 300)
		before, after := strings.Join(filler.Draw(t, "before"), ""), strings.Join(filler.Draw(t, "after"), "")
		width := rapid.IntRange(25, 120).Draw(t, "width")
		f := source.New("a.seg", before+"X"+after)
		span := source.Span{File: f, Start: len(before), End: len(before) + 1}
		out := rendered(t, diag.List{{Code: "SEG1001", Message: "m", Span: span}}, diag.Options{Width: width})
		row, marks := sourceRow.FindStringSubmatch(out), markRow.FindStringSubmatch(out)
		if row == nil || marks == nil {
			t.Fatalf("no frame in\n%s", out)
		}
		shown, _, ok := strings.Cut(row[1], "X")
		if !ok || displaywidth.String(shown) != len(marks[1]) {
			t.Fatalf("the caret does not stand below X\n%s", out)
		}
		if got := displaywidth.String(row[0]); got > width {
			t.Fatalf("a row of %d columns in a width of %d\n%s", got, width, out)
		}
	})
}

// Only printable characters reach the terminal, and line ends only as ours.
func TestNothingUnseen(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := lineOf(t, "text") + "\n" + lineOf(t, "second")
		f := source.New(lineOf(t, "name"), text)
		start := rapid.IntRange(0, len(text)).Draw(t, "start")
		span := source.Span{File: f, Start: start, End: rapid.IntRange(start, len(text)).Draw(t, "end")}
		l := diag.List{{
			Code: diag.Code(lineOf(t, "code")), Message: lineOf(t, "message"), Span: span, Help: lineOf(t, "help"),
			Labels: []diag.Label{{Span: span, Text: lineOf(t, "label")}},
			Edits:  []diag.Edit{{Span: span, Text: lineOf(t, "edit")}},
		}}
		out := rendered(t, l, diag.Options{Context: 1})
		var plain, json strings.Builder
		if diag.Plain(&plain, l) != nil || diag.JSON(&json, l) != nil {
			t.Fatal("a builder does not fail")
		}
		if n := strings.Count(plain.String(), "\n"); n != 1 {
			t.Fatalf("the plain form has %d lines", n)
		}
		for _, r := range out + plain.String() {
			if r != '\n' && r != '\u200d' && !unicode.IsGraphic(r) {
				t.Fatalf("%U comes through:\n%q", r, out)
			}
		}
		for _, r := range json.String() {
			if r != '\n' && !unicode.IsGraphic(r) {
				t.Fatalf("%U comes through the JSON", r)
			}
		}
	})
}

func rendered(t interface{ Fatal(...any) }, l diag.List, opts diag.Options) string {
	var b strings.Builder
	if err := diag.Render(&b, l, opts); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func FuzzRender(f *testing.F) {
	f.Add("segment a {\n  where x\n}\n", 12, 19, 0, 7, 40, 1)
	f.Add("\u0301\x1b\t東\r\n", -1, 99, 3, 2, 0, -1)
	f.Fuzz(func(_ *testing.T, text string, start, end, from, to, width, context int) {
		file := source.New("a.seg", text)
		span, label := source.Span{File: file, Start: start, End: end}, source.Span{File: file, Start: from, End: to}
		l := diag.List{{
			Code: "SEG1001", Message: text, Span: span, Help: text,
			Labels: []diag.Label{{Span: label, Text: text}, {Span: span, Text: text}},
			Edits:  []diag.Edit{{Span: label, Text: text}, {Text: text}},
		}}
		opts := diag.Options{Color: width%2 == 0, Width: width, Context: context}
		for _, write := range []error{diag.Render(io.Discard, l, opts), diag.Plain(io.Discard, l), diag.JSON(io.Discard, l)} {
			if write != nil {
				panic(write)
			}
		}
	})
}
