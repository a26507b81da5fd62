package check_test

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/compiler/check"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/internal/golden"
	"github.com/segql/segql/lang/diag"
	"golang.org/x/tools/txtar"
)

// TestDiagnostics compiles the projects in testdata and compares what is said
// about them with the comments beside the code that causes it:
//
//	where agge > 3  ### SEG1001 ⟨agge⟩ customer has no attribute "agge" ⟶ did you mean "age"? ⟶ age
//
// which is code, subject, message, help and, where there is one, the exact
// fix. Every fix is tried: it must mend what it is for and still be segql. In an archive each
// folder is a project, and so is each .seg file outside of folders; one
// without a catalog has the standard one. columns.txt says what the sources
// hold, for a project with data. `-update` writes the comments.
func TestDiagnostics(t *testing.T) {
	archives, _ := filepath.Glob("testdata/*.txtar")
	if len(archives) == 0 {
		t.Fatal("no archives")
	}
	for _, name := range archives {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for i := range archive.Files {
				archive.Files[i].Data = strip(archive.Files[i].Data)
			}
			for _, p := range projects(archive) {
				p.explain(t)
			}
			golden.Check(t, filepath.ToSlash(name), string(txtar.Format(archive)))
		})
	}
}

var remark = regexp.MustCompile(`(?m)^### .*\n|[ \t]+### .*$`)

// strip takes the expectations away.
func strip(data []byte) []byte {
	text := strings.ReplaceAll(string(data), "\r\n", "\n")
	return []byte(remark.ReplaceAllString(text, ""))
}

// project is some of the files of an archive.
type project struct {
	name  string
	dir   string // "" for a file outside of folders
	files []*txtar.File
}

func projects(archive *txtar.Archive) []*project {
	var out []*project
	for i := range archive.Files {
		f := &archive.Files[i]
		dir, _, inDir := strings.Cut(f.Name, "/")
		if last := len(out) - 1; inDir && last >= 0 && out[last].dir == dir {
			out[last].files = append(out[last].files, f)
			continue
		}
		if !inDir {
			dir = ""
		}
		out = append(out, &project{name: f.Name, dir: dir, files: []*txtar.File{f}})
	}
	return out
}

// compile compiles the project with some of its files changed.
func (p *project) compile(t *testing.T, changed map[string]string) diag.List {
	t.Helper()
	fsys := fstest.MapFS{"catalog.yaml": {Data: standard(t)}}
	var o compiler.Options
	for _, f := range p.files {
		name := f.Name
		if p.dir != "" {
			name = strings.TrimPrefix(name, p.dir+"/")
		}
		fsys[name] = &fstest.MapFile{Data: f.Data}
		if name == "columns.txt" {
			o.Columns = columns(t, string(f.Data))
		}
	}
	for name, text := range changed {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	_, diags := compiler.Compile(fsys, o)
	return diags
}

func standard(t testing.TB) []byte {
	t.Helper()
	data, err := os.ReadFile("../testdata/standard/catalog.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// explain writes what is said about the project into its files.
func (p *project) explain(t *testing.T) {
	diags := p.compile(t, nil)
	for _, d := range diags {
		p.tryFix(t, d, diags)
		text := describe(d)
		if d.Severity == diag.Error && d.Help == "" {
			t.Errorf("%s: no help: %s", p.name, d)
		}
		if !p.remarkAt(d, text) {
			last := p.files[len(p.files)-1]
			last.Data = append(last.Data, ("### " + text + "\n")...)
		}
	}
}

// describe is a diagnostic in one line.
func describe(d diag.Diagnostic) string {
	parts := []string{fmt.Sprintf("%s ⟨%s⟩ %s", d.Code, d.Span.Text(), d.Message)}
	if d.Severity != diag.Error {
		parts[0] = d.Severity.String() + " " + parts[0]
	}
	if d.Help != "" {
		parts = append(parts, d.Help)
	}
	for _, e := range d.Edits {
		parts = append(parts, e.Text)
	}
	for _, l := range d.Labels {
		parts[0] += fmt.Sprintf(" (%s: %s)", l.Text, l.Span.Text())
	}
	return strings.ReplaceAll(strings.Join(parts, " ⟶ "), "\n", "⏎")
}

// remarkAt adds a remark at the end of the line that the subject begins on.
func (p *project) remarkAt(d diag.Diagnostic, text string) bool {
	if d.Span.IsZero() {
		return false
	}
	for _, f := range p.files {
		if f.Name != path.Join(p.dir, d.Span.File.Name) {
			continue
		}
		lines := strings.SplitAfter(string(f.Data), "\n")
		n := 0 // lines of the file as it was, remarks within a line keep it
		at := d.Span.Pos().Line - 1
		for n < len(lines) && n < at {
			n++
		}
		lines[n] = strings.TrimSuffix(lines[n], "\n") + "  ### " + text + "\n"
		f.Data = []byte(strings.Join(lines, ""))
		return true
	}
	return false
}

// tryFix applies the edits of d alone: d must be gone, and the text still be
// well-formed.
func (p *project) tryFix(t *testing.T, d diag.Diagnostic, before diag.List) {
	if len(d.Edits) == 0 {
		return
	}
	file := d.Edits[0].Span.File
	fixed, err := diag.Apply(file, d.Edits)
	if err != nil {
		t.Errorf("%s: %s: %v", p.name, d, err)
		return
	}
	after := p.compile(t, map[string]string{file.Name: fixed})
	for _, e := range after {
		if e.String() == d.String() || strings.HasPrefix(string(e.Code), "SEG0") && !slices.ContainsFunc(before, func(b diag.Diagnostic) bool { return b.Code == e.Code }) {
			t.Errorf("%s: %s\nafter the fix: %s", p.name, d, e)
		}
	}
}

// columns reads lines such as `data/a.csv: id int, name text` and plays the
// engine that looks into the sources.
func columns(t *testing.T, text string) func(*ir.Source, map[string]value.Type) ([]check.SourceColumn, *diag.Diagnostic) {
	sources := map[string][]check.SourceColumn{}
	for line := range strings.Lines(text) {
		name, rest, ok := strings.Cut(strings.TrimSpace(line), ": ")
		if !ok {
			continue
		}
		for _, part := range strings.Split(rest, ", ") {
			column, kind, _ := strings.Cut(part, " ")
			typ, ok := columnTypes[kind]
			if !ok {
				t.Fatalf("columns.txt: no type %q", kind)
			}
			sources[name] = append(sources[name], check.SourceColumn{Name: column, Type: typ})
		}
	}
	return func(src *ir.Source, _ map[string]value.Type) ([]check.SourceColumn, *diag.Diagnostic) {
		cols, ok := sources[src.Path+src.Table]
		if !ok {
			return nil, &diag.Diagnostic{Code: "SEG4001", Message: "there is no file " + src.Path, Help: "check the path"}
		}
		return cols, nil
	}
}

var columnTypes = map[string]value.Type{
	"bool": value.Of(value.Bool), "text": value.Of(value.Text), "int": value.Of(value.Int), "float": value.Of(value.Float),
	"date": value.Of(value.Date), "time": value.Of(value.Time), "wall": value.Of(value.Wall), "json": value.Of(value.JSON),
	"decimal": value.DecimalType(12, 2), "empty": {},
	"record": {Kind: value.Record, Fields: []value.Field{{Name: "plan", Type: value.Of(value.Text)}}},
}

// TestSet overrides params from outside.
func TestSet(t *testing.T) {
	const text = "param spend = 5_000\nparam town = \"Huế\"\nparam back = 90 days\nparam share = 10%\nparam yes = true\nparam day = 2025-03-08\n" +
		"segment a { where income > spend and city = town and signup_at in last back and income in top share and email_opt_in = yes and birthday < day }\n"
	for _, c := range []struct{ name, value, want string }{
		{"spend", "3_000_000", ""},
		{"spend", "2.5", ""},
		{"spend", "-3", ""},
		{"town", "Vinh", ""},
		{"town", `"Hà Nội"`, ""},
		{"town", "Hà Nội", ""},
		{"back", "6 months", ""},
		{"share", "20%", ""},
		{"yes", "false", ""},
		{"day", "2025-01-01", ""},
		{"spend", "much", `SEG1024 ⟨much⟩ a param is one literal ⟶ as in: param min_spend = 5_000_000, param city = "Huế", param lookback = 90 days`},
		{"spend", "", `SEG1024 ⟨⟩ "" is not a value for spend ⟶ give a literal of the same kind as in the definition, 5_000`},
		{"spend", "3 +", `SEG1024 ⟨3 +⟩ "3 +" is not a value for spend ⟶ give a literal of the same kind as in the definition, 5_000`},
		{"spend", `"3"`, `SEG1024 ⟨"3"⟩ "3" is text, the param spend holds a whole number ⟶ give a literal of the same kind as in the definition, 5_000`},
		{"spend", "30%", `SEG1024 ⟨30%⟩ 30% is a number, the param spend holds a whole number ⟶ give a literal of the same kind as in the definition, 5_000`},
		{"back", "30 days ago", `SEG1024 ⟨30 days ago⟩ a param is one literal ⟶ as in: param min_spend = 5_000_000, param city = "Huế", param lookback = 90 days`},
		{"back", "30 km", `SEG1017 ⟨30 km⟩ 30 km is a distance, not a time ⟶ use days, weeks, months, quarters, years, hours, minutes or seconds`},
		{"day", "2025-03", `SEG1005 ⟨2025-03⟩ 2025-03 is a month, not a day ⟶ write the day, as in 2025-03-01, or use it as a window: ` + "`in 2025-03`"},
		{"spent", "3", `SEG1024 ⟨3⟩ there is no param "spent" to set ⟶ did you mean "spend"?`},
		{"x", "3", `SEG1024 ⟨3⟩ there is no param "x" to set ⟶ params: back, day, share, spend, town, yes`},
	} {
		fsys := fstest.MapFS{"catalog.yaml": {Data: standard(t)}, "a.seg": {Data: []byte(text)}}
		_, diags := compiler.Compile(fsys, compiler.Options{Set: map[string]string{c.name: c.value}})
		var got []string
		for _, d := range diags {
			if d.Severity == diag.Error {
				got = append(got, describe(d))
			}
		}
		if s := strings.Join(got, "\n"); s != c.want {
			t.Errorf("--set %s=%s\n got %s\nwant %s", c.name, c.value, s, c.want)
		}
	}
}

// TestOrder: neither the order of declarations nor files decide anything.
func TestOrder(t *testing.T) {
	decls := []string{
		"segment a { where in segment s.x and total > low and city in towns }\n",
		"split s of segment b {\n x when total > 5\n y otherwise\n}\n",
		"split r of segment s.y {\n x when city = \"Huế\"\n y otherwise\n}\n",
		"segment b { where total > 1 }\n",
		"trait total = sum(amount of orders) + half\n",
		"trait half = income / 2\n",
		"param low = 3\n",
		"list towns = [\"Huế\"]\n",
	}
	want := []string{"a", "b", "r.x", "r.y", "s.x", "s.y"}
	for turn := range decls {
		fsys := fstest.MapFS{"catalog.yaml": {Data: standard(t)}}
		for i := range decls {
			fsys[fmt.Sprintf("%d.seg", (i+turn)%len(decls))] = &fstest.MapFile{Data: []byte(decls[i])}
		}
		p, diags := compiler.Compile(fsys, compiler.Options{})
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		var got []string
		for _, s := range p.Segments {
			got = append(got, s.Name)
		}
		if !slices.Equal(got, want) || !sort.StringsAreSorted(got) {
			t.Errorf("got %v, want %v", got, want)
		}
	}
}
