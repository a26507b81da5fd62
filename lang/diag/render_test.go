package diag_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/segql/segql/internal/golden"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/lang/source"
)

const women = `# Nữ ở các thành phố lớn
segment women {
  where gender = "female"
    and citty in big_cities
    and none(orders in last 180 days)
}
`

const lists = `list big_cities = ["Hà Nội", "Huế"]

list small_cities = ["Vinh"]
`

// at is the span of the nth (from 0) occurrence of text.
func at(f *source.File, text string, nth int) source.Span {
	start := 0
	for {
		i := strings.Index(f.Text[start:], text)
		if i < 0 {
			panic(fmt.Sprintf("%q is not in %s", text, f.Name))
		}
		start += i
		if nth == 0 {
			return source.Span{File: f, Start: start, End: start + len(text)}
		}
		nth--
		start += len(text)
	}
}

func file(name, text string) *source.File { return source.New(name, text) }

// renderCases are shown in testdata, each under its name.
var renderCases = []struct {
	name string
	opts diag.Options
	list func() diag.List
}{
	{"empty", diag.Options{}, func() diag.List { return nil }},
	{"suggestion", diag.Options{}, suggestion},
	{"colour", diag.Options{Color: true}, suggestion},
	{"context", diag.Options{Context: 1}, suggestion},
	{"no_location", diag.Options{}, func() (l diag.List) {
		l.Errorf("SEG4001", source.Span{}, "the warehouse does not answer").Help = "check the address\nand the network"
		return l
	}},
	{"labels", diag.Options{}, labels},
	{"several_lines", diag.Options{}, severalLines},
	{"wide", diag.Options{}, wide},
	{"controls", diag.Options{}, controls},
	{"long_line", diag.Options{Width: 60}, longLine},
	{"far_apart", diag.Options{Width: 60}, farApart},
	{"fixes", diag.Options{}, fixes},
	{"left_out_lines", diag.Options{Context: 1}, func() (l diag.List) {
		f := file("many.seg", "list a = [\n"+strings.Repeat("  \"x\",\n", 1200)+"]\n\nlist a = []\n")
		l.Errorf("SEG1001", at(f, "a", 1), "two definitions of \"a\"").Labels = []diag.Label{
			{Span: at(f, "a", 0), Text: "the first"},
			{Span: at(f, "[", 0).To(at(f, "]", 0)), Text: "its values"},
		}
		return l
	}},
	{"end_of_file", diag.Options{}, func() (l diag.List) {
		f := file("a.seg", "segment a {\n  where x")
		l.Errorf("SEG0004", source.Span{File: f, Start: len(f.Text), End: len(f.Text)}, "the segment is not closed")
		l[0].Labels = []diag.Label{{Span: at(f, "{", 0), Text: "opened here"}}
		return l
	}},
}

func TestRender(t *testing.T) {
	for _, c := range renderCases {
		t.Run(c.name, func(t *testing.T) {
			var b strings.Builder
			if err := diag.Render(&b, c.list(), c.opts); err != nil {
				t.Fatal(err)
			}
			golden.Check(t, "testdata/render/"+c.name+".golden", b.String())
		})
	}
}

func suggestion() (l diag.List) {
	f := file("segments/women.seg", women)
	d := l.Errorf("SEG1003", at(f, "citty", 0), "customer has no attribute %q", "citty")
	d.Help = `did you mean "city"?`
	d.Edits = []diag.Edit{{Span: d.Span, Text: "city"}}
	return l
}

func labels() (l diag.List) {
	f, g := file("segments/women.seg", women), file("segments/lists.seg", lists)
	d := l.Errorf("SEG1007", at(f, "citty", 0), "text is not comparable with numbers")
	d.Labels = []diag.Label{
		{Span: at(f, "big_cities", 0), Text: "a list of text"},
		{Span: at(f, "in", 1), Text: "compared here"},
		{Span: at(f, "segment", 0), Text: "in this segment"},
		{Span: at(g, "big_cities", 0), Text: "declared here"},
		{Span: at(g, "small_cities", 0), Text: "this one would do"},
	}
	l.Warnf("SEG2004", at(f, "none(orders in last 180 days)", 0), "takes in customers who never ordered").Labels = []diag.Label{
		{Span: at(f, "180 days", 0), Text: "only these days count"},
	}
	l.Notef("SEG2100", source.Span{}, "one segment was not checked")
	return l
}

func severalLines() (l diag.List) {
	f := file("segments/women.seg", women)
	body := at(f, "gender", 0).To(at(f, "180 days)", 0))
	l.Errorf("SEG1020", body, "the condition is never true")
	two := at(f, "citty", 0).To(at(f, "none", 0))
	l.Errorf("SEG1021", two, "these two cannot both hold").Labels = []diag.Label{{Span: body, Text: "in this condition"}}
	ends := source.Span{File: f, Start: at(f, "segment", 0).Start, End: at(f, "  where", 0).Start + 2}
	l.Errorf("SEG1022", ends, "a span that ends in the indent of the next line")
	return l
}

func wide() (l diag.List) {
	const composed, decomposed = "Đà Nẵng", "Đa\u0300 Na\u0306\u0303ng"
	for _, text := range []string{composed, decomposed, "東京都", "👩‍👩‍👧 nhà 🇻🇳", "हिन्दी", "e\u0301\u0301"} {
		f := file("wide.seg", "where city = \""+text+"\"\tand\tbad")
		l.Errorf("SEG1003", at(f, "bad", 0), "customer has no attribute \"bad\"").Labels = []diag.Label{
			{Span: at(f, text, 0), Text: "this text"},
		}
	}
	return l
}

func controls() (l diag.List) {
	f := file("evil\x1b[2J.seg", "\u0301where \x1b[31mname\x1b[0m = \"\u202Egnp.exe\u202C\u200B\" \x9b and \u009b bad\r\n")
	d := l.Errorf("SEG1003\x07", at(f, "bad", 0), "no \x1b]0;title\x07 attribute")
	d.Help = "a\x08b\nc\x00d"
	d.Labels = []diag.Label{{Span: at(f, "name", 0), Text: "a\x1bc"}}
	d.Edits = []diag.Edit{{Span: d.Span, Text: "\x1b[1m"}}
	return l
}

func longLine() (l diag.List) {
	f := file("long.seg", "list cities = ["+strings.Repeat(`"Hà Nội", `, 40)+`"東京", 12, `+strings.Repeat(`"Huế", `, 40)+"]")
	l.Errorf("SEG1030", at(f, "12", 0), "a number among texts")
	l.Errorf("SEG1030", at(f, "list", 0), "the start of a long line")
	l.Errorf("SEG1030", at(f, "]", 0), "the end of a long line")
	l.Errorf("SEG1030", at(f, "[", 0).To(at(f, "]", 0)), "nearly all of a long line")
	return l
}

func farApart() (l diag.List) {
	f := file("long.seg", "where first = 1 and "+strings.Repeat("x = 1 and ", 30)+"last = 2")
	d := l.Errorf("SEG1030", at(f, "last", 0), "two places of one long line")
	d.Labels = []diag.Label{{Span: at(f, "first", 0), Text: "the other"}, {Span: at(f, "2", 0), Text: "near"}}
	return l
}

func fixes() (l diag.List) {
	f, g := file("segments/women.seg", women), file("segments/lists.seg", lists)
	citty := at(f, "citty", 0)
	end := source.Span{File: f, Start: citty.Start, End: citty.Start}
	add := func(edits ...diag.Edit) {
		l.Warnf("SEG2001", citty, "fix %d", len(l)+1).Edits = edits
	}
	add(diag.Edit{Span: end, Text: "not "})
	add(diag.Edit{Span: at(f, "and ", 0)})
	add(diag.Edit{Span: at(f, "gender", 0), Text: "sex"}, diag.Edit{Span: at(g, "Huế", 0), Text: "Vinh"})
	add(diag.Edit{Span: end, Text: "city is known\n    and "})
	add(diag.Edit{Span: at(f, "gender", 0).To(citty), Text: "city is known\n    and city"})
	add(diag.Edit{Span: at(f, "gender", 0).To(citty), Text: "city"})
	return l
}
