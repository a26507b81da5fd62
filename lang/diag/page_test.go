package diag

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// Every page of the registry has the form that pages/README.md asks for.
func TestPages(t *testing.T) {
	pages, errs := parsePages()
	for _, err := range errs {
		t.Error(err)
	}
	for i, p := range pages {
		if i > 0 && p.Code <= pages[i-1].Code {
			t.Errorf("%s after %s", p.Code, pages[i-1].Code)
		}
		if p.Vietnamese == nil || p.Vietnamese.Body == "" {
			t.Errorf("%s says nothing in Vietnamese", p.Code)
		}
		if strings.HasSuffix(p.Title, ".") {
			t.Errorf("%s: the title ends in a full stop", p.Code)
		}
		for _, form := range []string{string(p.Code), strings.ToLower(string(p.Code)), string(p.Code)[3:], strings.TrimLeft(string(p.Code)[3:], "0")} {
			if got, ok := Lookup(form); !ok || got.Code != p.Code {
				t.Errorf("Lookup(%q) does not find %s", form, p.Code)
			}
		}
	}
	if _, ok := Lookup("nonsense"); ok {
		t.Error("Lookup finds nonsense")
	}
}

const goodPage = "# SEG4010: a file is missing\n\nThe body,\nin `markdown`.\n\n" +
	"## Fails\n\nWith words between.\n\n~~~yaml catalog.yaml\nversion: 1\n~~~\n\n~~~console\n$ segql run\n~~~\n\n" +
	"## Fixed\n\n~~~segql a.seg\nsegment a { where x }\n## not a heading\n~~~\n\n" +
	"## Tiếng Việt\n\nThiếu\nmột tệp\n\nGiải thích.\n"

func TestParsePage(t *testing.T) {
	p, err := parsePage("SEG4010.md", strings.ReplaceAll(goodPage, "\n", "\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	if p.Code != "SEG4010" || p.Title != "a file is missing" || p.Body != "The body,\nin `markdown`." {
		t.Errorf("got %q, %q, %q", p.Code, p.Title, p.Body)
	}
	if p.Text != goodPage {
		t.Error("the text is not the page")
	}
	wantFails := []FileBlock{{"yaml", "catalog.yaml", "version: 1\n", 11}, {"console", "", "$ segql run\n", 15}}
	if !slices.Equal(p.Fails, wantFails) {
		t.Errorf("Fails: %v", p.Fails)
	}
	if want := []FileBlock{{"segql", "a.seg", "segment a { where x }\n## not a heading\n", 21}}; !slices.Equal(p.Fixed, want) {
		t.Errorf("Fixed: %v", p.Fixed)
	}
	if p.Vietnamese == nil || *p.Vietnamese != (Translation{"Thiếu một tệp", "Giải thích."}) {
		t.Errorf("Vietnamese: %v", p.Vietnamese)
	}
	if got := Files(p.Fails); !maps.Equal(got, map[string]string{"catalog.yaml": "version: 1\n"}) {
		t.Errorf("Files: %v", got)
	}
}

func TestParsePageErrors(t *testing.T) {
	for _, c := range []struct{ name, old, fresh, want string }{
		{"title", "# SEG4010: ", "# 4010 ", `first line must be`},
		{"other code", "# SEG4010", "# SEG4011", `the title is about SEG4011`},
		{"no body", "The body,\nin `markdown`.", "", `nothing between`},
		{"no fails", "## Fails\n", "", `no example under ## Fails`},
		{"unknown section", "## Fixed", "## Repaired", `SEG4010.md:18: unknown section "Repaired"`},
		{"twice", "## Fixed", "## Fails", `a second section "Fails"`},
		{"no name", "~~~segql a.seg", "~~~segql", `SEG4010.md:21: the file has no name`},
		{"bad fence", "~~~segql a.seg", "~~~ segql a.seg", `SEG4010.md:20: a file begins with`},
		{"not closed", "## not a heading\n~~~\n", "", `SEG4010.md:20: the block is not closed`},
		{"empty translation", "Thiếu\nmột tệp\n\nGiải thích.\n", "", `nothing under ## Tiếng Việt`},
		{"same file", "~~~console", "~~~yaml catalog.yaml", `a second file "catalog.yaml"`},
	} {
		if !strings.Contains(goodPage, c.old) {
			t.Fatalf("%s: the good page has no %q", c.name, c.old)
		}
		_, err := parsePage("SEG4010.md", strings.Replace(goodPage, c.old, c.fresh, 1))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
	_, err := parsePage("SEG1010.md", strings.Replace(goodPage, "SEG4010", "SEG1010", 1))
	if err == nil || !strings.Contains(err.Error(), "only SEG4xxx pages show transcripts") {
		t.Errorf("a transcript on a page about names: %v", err)
	}
}

func TestOneSlip(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"SEG1003", "SEG1002", true},
		{"SEG1003", "SEG1030", true},
		{"SEG1003", "SEG1003", false},
		{"SEG1003", "SEG1012", false},
		{"SEG1003", "SEG10033", false},
	} {
		if got := oneSlip(c.a, c.b); got != c.want {
			t.Errorf("%s, %s: %v", c.a, c.b, got)
		}
	}
	for written, want := range map[string]string{"10": "SEG0010", " seg0010 ": "SEG0010", "1003": "SEG1003", "Seg7": "SEG0007", "12345": "SEG12345"} {
		if got := canonical(written); got != want {
			t.Errorf("%q: %s, want %s", written, got, want)
		}
	}
}
