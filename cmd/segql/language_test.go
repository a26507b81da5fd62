//go:build unix

package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/compiler/catalog"
	"github.com/segql/segql/internal/golden"
	"github.com/segql/segql/lang/syntax"
	"github.com/segql/segql/lang/yamlform"
	"github.com/segql/segql/runtime"
	"github.com/segql/segql/runtime/member"
)

// reference is spec/language.md: one project, made of its fenced blocks.
//
//	yaml PATH, csv PATH     a file of the project
//	segql                   definitions
//	segql conditions        one condition on each line, each a segment
//	yaml catalog            a catalog of its own, which must be right
//	… fails CODE            must give this code and no other (each line, for conditions)
//	… notes CODE            the same, for what is right and gets a note
//
// `# → an, chi` behind a definition, branch or condition names its members;
// the data decide whether that is true.
type reference struct {
	files  fstest.MapFS
	claims map[string]string // by segment
	lines  map[string]string // by segment, for messages
}

var (
	claimed = regexp.MustCompile(`#.*→ (.*)$`)
	headed  = regexp.MustCompile("^(?:- )?(segment|split|holdout):? (`[^`]+`|[\\pL_][\\pL\\pN_]*)")
	branch  = regexp.MustCompile(`^\s+(?:- branch: )?([\pL_][\pL\pN_]*)(?:\s+"[^"]*")?(?:\s+when\b|\s+otherwise\b|: [0-9]+%|: otherwise|$)`)
)

func (r *reference) claim(segment, line string) {
	if m := claimed.FindStringSubmatch(line); m != nil && segment != "" {
		r.claims[segment], r.lines[segment] = m[1], line
	}
}

// definitions adds a file and what it claims of its segments.
func (r *reference) definitions(name, text string) {
	r.files[name] = &fstest.MapFile{Data: []byte(text)}
	head, kind, current := "", "", ""
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		if m := headed.FindStringSubmatch(line); m != nil {
			kind, head = m[1], strings.Trim(m[2], "`")
			current = head
		} else if m := branch.FindStringSubmatch(line); m != nil && kind != "segment" && m[1] != "when" && m[1] != "title" {
			current = head + "." + m[1]
		}
		r.claim(current, line)
	}
}

// conditions makes a segment of every line.
func conditions(text string, each func(line string)) {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			each(line)
		}
	}
}

func segmentOf(name, condition string) string {
	return "segment " + name + " {\n  where " + condition + "\n}\n"
}

// gives compiles the project with one more file and wants one code of it.
func (r *reference) gives(t *testing.T, name, text, code string) {
	t.Helper()
	files := maps.Clone(r.files)
	files[name] = &fstest.MapFile{Data: []byte(text)}
	_, diags := compiler.Compile(files, compiler.Options{})
	got := map[string]bool{}
	for _, d := range diags {
		if d.Span.File != nil && d.Span.File.Name == name {
			got[string(d.Code)] = true
		}
	}
	if len(got) != 1 || !got[code] {
		t.Errorf("this gives %v, not %s:\n%s%v", slices.Sorted(maps.Keys(got)), code, text, diags)
	}
}

type block struct{ info, text string }

func readReference(t *testing.T) (string, []block) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "spec", "language.md"))
	if err != nil {
		t.Fatal(err)
	}
	var blocks []block
	for _, m := range fence.FindAllStringSubmatch(string(text), -1) {
		blocks = append(blocks, block{m[1], m[2]})
	}
	return string(text), blocks
}

// TestLanguage runs spec/language.md.
func TestLanguage(t *testing.T) {
	_, blocks := readReference(t)
	r := &reference{fstest.MapFS{}, map[string]string{}, map[string]string{}}
	type check struct{ name, text, code string }
	var checks []check
	for i, b := range blocks {
		words := strings.Fields(b.info)
		code, notes := "", false
		if n := len(words); n > 2 && (words[n-2] == "fails" || words[n-2] == "notes") {
			code, notes = words[n-1], words[n-2] == "notes"
			words = words[:n-2]
		}
		name := fmt.Sprintf("example_%03d", i)
		switch what := strings.Join(words, " "); {
		case what == "segql conditions":
			n := 0
			conditions(b.text, func(line string) {
				n++
				segment := fmt.Sprintf("%s_%d", name, n)
				if code != "" {
					checks = append(checks, check{segment + ".seg", segmentOf(segment, line), code})
				}
				if code == "" || notes {
					r.files[segment+".seg"] = &fstest.MapFile{Data: []byte(segmentOf(segment, line))}
					r.claim(segment, line)
				}
			})
		case what == "segql" && code != "":
			checks = append(checks, check{name + ".seg", b.text, code})
		case what == "segql":
			r.definitions(name+".seg", b.text)
		case what == "yaml catalog":
			checks = append(checks, check{compiler.CatalogName, b.text, code})
		case len(words) == 2 && strings.HasSuffix(words[1], yamlform.Suffix):
			r.definitions(words[1], b.text)
		case len(words) == 2 && (words[0] == "yaml" || words[0] == "csv" || words[0] == "text"):
			r.files[words[1]] = &fstest.MapFile{Data: []byte(b.text)}
		case len(words) == 1 && words[0] == "text":
		default:
			t.Errorf("block %d is of an unknown kind: %q", i+1, b.info)
		}
	}
	for _, c := range checks {
		if c.name == compiler.CatalogName {
			catalogAlone(t, c.text, c.code)
			continue
		}
		r.gives(t, c.name, c.text, c.code)
	}
	if len(checks) < 20 || len(r.claims) < 80 {
		t.Errorf("%d checks, %d claims: is the reference all there?", len(checks), len(r.claims))
	}
	r.run(t)
}

func catalogAlone(t *testing.T, text, code string) {
	t.Helper()
	_, diags := compiler.Compile(fstest.MapFS{compiler.CatalogName: {Data: []byte(text)}, "a.seg": {Data: []byte("param unused = 1\n")}}, compiler.Options{})
	if code == "" && len(diags) == 0 {
		return
	}
	for _, d := range diags {
		if string(d.Code) != code {
			t.Errorf("a catalog gives %s %s:\n%s", d, d.Help, text)
		}
	}
	if len(diags) == 0 {
		t.Errorf("a catalog does not give %s:\n%s", code, text)
	}
}

// run computes the whole project and compares the members with the claims.
func (r *reference) run(t *testing.T) {
	t.Helper()
	ctx, dir := context.Background(), t.TempDir()
	for name, f := range r.files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		write(t, path, string(f.Data))
	}
	o := runtime.Options{Dir: dir}
	p, diags, err := runtime.Open(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = p.Close() }()
	for _, d := range diags {
		if d.Severity == 0 || strings.Contains(d.String(), "error[") {
			t.Error(d, d.Help)
		}
	}
	if t.Failed() {
		return
	}
	asOf, from, err := p.AsOf("", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Run(ctx, runtime.RunOptions{AsOf: asOf, AsOfFrom: from, Now: time.Now, Version: "test"}); err != nil {
		t.Fatal(err)
	}
	store, err := member.OpenFile(ctx, o.StorePath(), member.Read, "test")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	members := func(segment string) (keys []string) {
		if err := store.Members(ctx, segment, func(m member.Member) error {
			keys = append(keys, m.Customer)
			return nil
		}); err != nil {
			t.Fatal(segment, err)
		}
		slices.Sort(keys)
		return keys
	}
	everyone := members("customers")
	for _, segment := range slices.Sorted(maps.Keys(r.claims)) {
		if p.Segment(segment) == nil {
			t.Errorf("%s\n  is said of %s, which is no segment", r.lines[segment], segment)
		}
		got, want := members(segment), strings.Split(r.claims[segment], ", ")
		switch r.claims[segment] {
		case "everyone":
			want = everyone
		case "nobody":
			want = nil
		}
		if slices.Sort(want); !slices.Equal(got, want) {
			t.Errorf("%s\n  has the members %s", strings.TrimSpace(r.lines[segment]), strings.Join(got, ", "))
		}
	}
}

// TestLanguageTables holds the tables of the reference to the decoders' own:
// the keys of catalog.yaml and of definitions in YAML, and the reserved words.
func TestLanguageTables(t *testing.T) {
	text, _ := readReference(t)
	var b strings.Builder
	for _, table := range catalog.Tables() {
		fmt.Fprintf(&b, "\n**%s**\n\n| key | holds | for example |\n| --- | --- | --- |\n", strings.ToUpper(table.Of[:1])+table.Of[1:])
		for _, k := range table.Keys {
			fmt.Fprintf(&b, "| `%s` | %s | `%s: %s` |\n", k.Name, k.Purpose, k.Name, k.Form)
		}
	}
	text = between(t, text, "catalog keys", b.String())
	b.Reset()
	for _, table := range yamlform.Tables() {
		names := make([]string, len(table.Keys))
		for i, k := range table.Keys {
			names[i] = "`" + k.Name + "`"
		}
		fmt.Fprintf(&b, "| %s | %s |\n", strings.TrimPrefix(strings.TrimPrefix(table.Of, "an "), "a "), strings.Join(names, " "))
	}
	text = between(t, text, "definition keys", "\n| | keys |\n| --- | --- |\n"+b.String())
	golden.Check(t, "../../spec/language.md", text)

	_, words, _ := strings.Cut(text, "<!-- reserved words -->")
	words, _, _ = strings.Cut(words, "<!-- end -->")
	found := strings.Fields(strings.NewReplacer("`", "", "Later:", "").Replace(words))
	if len(found) < 40 {
		t.Errorf("%d reserved words", len(found))
	}
	for _, w := range found {
		if !syntax.Reserved(w) {
			t.Errorf("%s is not reserved", w)
		}
	}
}

// between puts what was printed between two marks of the text.
func between(t *testing.T, text, name, printed string) string {
	t.Helper()
	before, rest, ok := strings.Cut(text, "<!-- "+name+" -->\n")
	_, after, ok2 := strings.Cut(rest, "<!-- end -->")
	if !ok || !ok2 {
		t.Fatalf("no marks around the %s", name)
	}
	return before + "<!-- " + name + " -->\n" + printed + "\n<!-- end -->" + after
}
