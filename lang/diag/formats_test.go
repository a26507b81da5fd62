package diag_test

import (
	"fmt"
	"os"
	"path"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"pgregory.net/rapid"

	"github.com/segql/segql/internal/golden"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/lang/source"
)

// report is as the command line makes one.
func report(list diag.List) diag.Report {
	return diag.Report{List: list, Command: "check", Version: "v1.2.3", Home: "catalog.yaml",
		Files: []string{"catalog.yaml", "segments/women.seg", "segments/lists.seg"},
		Path:  func(name string) string { return path.Join("marketing/nữ & nam", name) }}
}

func written(t interface{ Fatal(...any) }, r diag.Report, format string) string {
	var b strings.Builder
	if err := r.Write(&b, format); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

var formatCases = []struct {
	name string
	list func() diag.List
}{
	{"empty", func() diag.List { return nil }},
	{"suggestion", suggestion},
	{"labels", labels},
	{"controls", controls},
	{"fixes", fixes},
	{"several_lines", severalLines},
	{"page", func() (l diag.List) { // a code with a page, and texts to escape
		f := file("a,b:c.seg", "segment a { where x and y or z }\n")
		l.Notef("SEG9004", at(f, "x", 0), "%d%% are, well: fine", 80)
		l.Errorf("SEG0010", at(f, "x and y or z", 0), "`and` and `or` mixed").Help = "write 100%:\n  x and (y or z)"
		l.Errorf("", source.Span{}, "no code and no place")
		return l
	}},
}

func TestFormats(t *testing.T) {
	for format, ending := range map[string]string{"sarif": ".json", "github": ".txt", "junit": ".xml"} {
		for _, c := range formatCases {
			list := c.list()
			for i := range list { // a page may be written anew; that of one code is shown
				if c.name != "page" {
					list[i].Code = "SEG9" + list[i].Code[4:]
				}
			}
			golden.Check(t, "testdata/"+format+"/"+c.name+ending, written(t, report(list), format))
		}
	}
}

func TestFormatsListed(t *testing.T) {
	for _, format := range diag.Formats {
		if written(t, report(labels()), format) == "" {
			t.Errorf("%s writes nothing", format)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("an unknown format is written")
		}
	}()
	written(t, report(nil), "yaml")
}

// sarifSchema is the published schema; see testdata/schema/README.md.
func sarifSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	text, err := os.ReadFile("testdata/schema/sarif-schema-2.1.0.json")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("sarif.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("sarif.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func validSARIF(s *jsonschema.Schema, text string) error {
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		return err
	}
	return s.Validate(doc)
}

func TestSARIFSchema(t *testing.T) {
	s := sarifSchema(t)
	for _, c := range formatCases {
		if err := validSARIF(s, written(t, report(c.list()), "sarif")); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	for _, page := range diag.Pages() {
		list := diag.List{{Code: page.Code, Message: "m"}}
		if err := validSARIF(s, written(t, report(list), "sarif")); err != nil {
			t.Errorf("%s: %v", page.Code, err)
		}
	}
	for _, wrong := range []string{`{}`, strings.Replace(written(t, report(suggestion()), "sarif"), `"startLine": 4`, `"startLine": 0`, 1)} {
		if validSARIF(s, wrong) == nil {
			t.Errorf("the schema takes %s", wrong)
		}
	}
}

// anyList draws diagnostics of any place, text and fix.
func anyList(t *rapid.T) (l diag.List) {
	files := []*source.File{nil, file("a.seg", women), file("thư mục/50%,b:c d.seg", lists), file("/abs/x.seg", "")}
	text := func(label string) string {
		return lineOf(t, label) + rapid.SampledFrom([]string{"", "\n", "\r\n::error::", "%0A%", "]]>"}).Draw(t, label+" end")
	}
	span := func(label string) source.Span {
		f := rapid.SampledFrom(files).Draw(t, label+" file")
		if f == nil {
			return source.Span{}
		}
		start := rapid.IntRange(-1, len(f.Text)+1).Draw(t, label+" start")
		return source.Span{File: f, Start: start, End: start + rapid.IntRange(-1, 40).Draw(t, label+" length")}
	}
	for range rapid.IntRange(0, 4).Draw(t, "n") {
		d := diag.Diagnostic{Code: diag.Code(rapid.SampledFrom([]string{"", "SEG0010", "SEG2004", "SEG9999"}).Draw(t, "code")),
			Severity: diag.Severity(rapid.IntRange(0, 2).Draw(t, "severity")), Message: text("message"), Span: span("subject")}
		if rapid.Bool().Draw(t, "help") {
			d.Help = text("help")
		}
		for range rapid.IntRange(0, 2).Draw(t, "labels") {
			d.Labels = append(d.Labels, diag.Label{Span: span("label"), Text: text("label text")})
		}
		for range rapid.IntRange(0, 2).Draw(t, "edits") {
			d.Edits = append(d.Edits, diag.Edit{Span: span("edit"), Text: text("edit text")})
		}
		l = append(l, d)
	}
	return l
}

func TestSARIFOfAnything(t *testing.T) {
	s := sarifSchema(t)
	rapid.Check(t, func(t *rapid.T) {
		if err := validSARIF(s, written(t, report(anyList(t)), "sarif")); err != nil {
			t.Fatal(err)
		}
	})
}

// command is one workflow command as the runner reads it back.
type command struct {
	kind, data string
	props      map[string]string
}

func parseCommand(t interface{ Fatalf(string, ...any) }, line string) command {
	rest, ok := strings.CutPrefix(line, "::")
	head, data, also := strings.Cut(rest, "::")
	if !ok || !also {
		t.Fatalf("%q is no command", line)
	}
	unescape := func(s string) string {
		for _, e := range [][2]string{{"%0D", "\r"}, {"%0A", "\n"}, {"%3A", ":"}, {"%2C", ","}, {"%25", "%"}} {
			s = strings.ReplaceAll(s, e[0], e[1])
		}
		return s
	}
	c := command{data: unescape(data), props: map[string]string{}}
	var props string
	c.kind, props, _ = strings.Cut(head, " ")
	for _, p := range strings.Split(props, ",") {
		if name, value, ok := strings.Cut(p, "="); ok {
			c.props[name] = unescape(value)
		} else if p != "" {
			t.Fatalf("%q has the property %q", line, p)
		}
	}
	return c
}

// TestGitHubOfAnything: each diagnostic is exactly one command, which says what
// the diagnostic does whatever signs are in it.
func TestGitHubOfAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := anyList(t)
		want := map[string]int{}
		for _, d := range list {
			kind := [...]string{"error", "warning", "notice"}[d.Severity]
			name := report(nil).Path("catalog.yaml")
			if !d.Span.IsZero() {
				name = report(nil).Path(d.Span.File.Name)
			}
			want[kind+" "+name]++
		}
		got := strings.Split(written(t, report(list), "github"), "\n")
		last := -1
		for _, line := range got[:len(got)-1] {
			c := parseCommand(t, line)
			want[c.kind+" "+c.props["file"]]--
			order := strings.Index("error warning notice", c.kind)
			if order < last {
				t.Fatalf("%s after a milder one", c.kind)
			}
			last = order
			if strings.ContainsAny(c.data, "\x00\x1b\r") {
				t.Fatalf("%q comes through", c.data)
			}
		}
		for what, n := range want {
			if n != 0 {
				t.Fatalf("%s: %d too few", what, n)
			}
		}
	})
}

func TestGitHubSpeaksAsWritten(t *testing.T) {
	list := formatCases[len(formatCases)-1].list()
	out := strings.Split(written(t, report(list), "github"), "\n")
	c := parseCommand(t, out[0])
	if c.data != "`and` and `or` mixed\nwrite 100%:\n  x and (y or z)" || c.props["file"] != "marketing/nữ & nam/a,b:c.seg" ||
		c.props["title"] != "SEG0010 `and` and `or` mixed without parentheses" {
		t.Errorf("%+v", c)
	}
}

func ExampleReport_Write() {
	f := source.New("segments/women.seg", "segment women {\n  where citty = \"Huế\"\n}\n")
	var list diag.List
	d := list.Errorf("SEG1001", source.Span{File: f, Start: 24, End: 29}, "customer has no attribute %q", "citty")
	d.Help = `did you mean "city"?`
	var b strings.Builder
	if err := (diag.Report{List: list, Command: "check"}).Write(&b, "github"); err != nil {
		panic(err)
	}
	command, data, _ := strings.Cut(strings.TrimPrefix(b.String(), "::"), "::")
	fmt.Println(strings.Split(command, ",title")[0])
	fmt.Print(data)
	// Output:
	// error file=segments/women.seg,line=2,endLine=2,col=9,endColumn=14
	// customer has no attribute "citty"%0Adid you mean "city"?
}
