package conformance

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/tools/txtar"
)

// root is the folder of the cases.
const root = "../../../spec/conformance"

// archive is one file of cases: what they share, and the cases. The form is
// described in spec/conformance/README.md.
type archive struct {
	path  string // "windows/last.txtar"
	asOf  string
	files map[string]string // catalog and data
	cases []*testCase
}

// testCase is one question with the answer that every engine gives.
type testCase struct {
	title, asOf, catalog string
	line                 int // in the archive
	ids                  []string
	set                  map[string]string
	where, of, value     string
	seg, yaml            string

	members map[string][]string // by segment, sorted
	values  map[string][]string // text of the value → keys; missing is the key ""
	errors  []expectation
	notes   []expectation
	without []string            // codes
	fails   []string            // words of a run-time error
	runs    []string            // instants of the runs before; nil: there is no store
	checks  map[string][]string // by segment: how each of its checks went, "passed=3"
}

// expectation is a diagnostic: place is "LINE:COL", or "FILE:LINE:COL" for
// another file than that of the definitions.
type expectation struct {
	code, place string
	words       []string
}

func loadArchives(t testing.TB) []*archive {
	t.Helper()
	var all []*archive
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".txtar" {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, _ := filepath.Rel(root, path)
		a, err := parseArchive(filepath.ToSlash(name), text)
		all = append(all, a)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func parseArchive(name string, text []byte) (*archive, error) {
	a := &archive{path: name, files: map[string]string{}}
	parsed := txtar.Parse(text)
	for line := range strings.SplitSeq(string(parsed.Comment), "\n") {
		if at, ok := strings.CutPrefix(line, "as of: "); ok {
			a.asOf = at
		}
	}
	for _, f := range parsed.Files {
		if f.Name != "cases" {
			a.files[f.Name] = string(f.Data)
			continue
		}
		first := 1 + strings.Count(string(text[:strings.Index(string(text), "-- cases --\n")]), "\n") + 1
		if err := a.parseCases(string(f.Data), first); err != nil {
			return a, fmt.Errorf("%s:%w", name, err)
		}
	}
	if len(a.cases) == 0 {
		return a, fmt.Errorf("%s: no case in it", name)
	}
	return a, nil
}

// parseCases reads lines `key: value`; the lines of a block are indented.
func (a *archive) parseCases(text string, first int) error {
	lines := strings.Split(text, "\n")
	for i := 0; i < len(lines); i++ {
		line, at := lines[i], first+i
		if strings.TrimSpace(line) == "" || strings.HasPrefix(line, "#") {
			continue
		}
		key, rest, ok := strings.Cut(line, ":")
		if !ok || strings.HasPrefix(line, " ") {
			return fmt.Errorf("%d: not `key: value`: %q", at, line)
		}
		rest = strings.TrimPrefix(rest, " ")
		if key == "case" {
			a.cases = append(a.cases, &testCase{title: rest, line: at, asOf: a.asOf, set: map[string]string{},
				members: map[string][]string{}, values: map[string][]string{}, checks: map[string][]string{}})
			continue
		}
		if len(a.cases) == 0 {
			return fmt.Errorf("%d: no case begun", at)
		}
		block := ""
		for rest == "" && i+1 < len(lines) && (strings.HasPrefix(lines[i+1], "  ") || lines[i+1] == "" && i+2 < len(lines) && strings.HasPrefix(lines[i+2], "  ")) {
			i++
			block += strings.TrimPrefix(lines[i], "  ") + "\n"
		}
		if err := a.cases[len(a.cases)-1].property(key, rest, block); err != nil {
			return fmt.Errorf("%d: %w", at, err)
		}
	}
	for _, c := range a.cases {
		if err := c.complete(); err != nil {
			return fmt.Errorf("%d: %w", c.line, err)
		}
	}
	return nil
}

func (c *testCase) property(key, rest, block string) error {
	key, name, named := strings.Cut(key, " ")
	switch key {
	case "as":
		c.asOf = rest
		return nil
	case "catalog":
		c.catalog = block
		return nil
	case "definitions":
		c.seg = block
		return nil
	case "of":
		c.of = rest
		return nil
	case "value":
		c.value = rest
		return nil
	case "where":
		c.where = rest
		return nil
	case "yaml":
		c.yaml = block
		return nil
	}
	fields, err := cut(rest)
	if err != nil {
		return err
	}
	switch {
	case key == "checks":
		if !named {
			name = asked
		}
		c.checks[name] = fields
	case key == "error":
		c.errors = append(c.errors, newExpectation(fields))
	case key == "fails":
		c.fails = fields
	case key == "ids":
		c.ids = append(c.ids, fields...)
	case key == "members" && named:
		c.members[name] = fields
	case key == "members":
		c.members[asked] = fields
	case key == "no":
		c.without = append(c.without, fields...)
	case key == "note":
		c.notes = append(c.notes, newExpectation(fields))
	case key == "runs":
		c.runs = append([]string{}, fields...)
	case key == "set":
		for _, f := range fields {
			param, v, _ := strings.Cut(f, "=")
			c.set[param] = v
		}
	case key == "values":
		for _, f := range fields {
			k, v, _ := strings.Cut(f, "=")
			c.values[v] = append(c.values[v], k)
		}
	default:
		return fmt.Errorf("unknown property %q", key)
	}
	return nil
}

func newExpectation(fields []string) expectation {
	e := expectation{}
	for i, f := range fields {
		switch i {
		case 0:
			e.code = f
		case 1:
			e.place = f
		default:
			e.words = append(e.words, f)
		}
	}
	return e
}

// complete refuses a case that asks nothing, or that nothing is expected of.
func (c *testCase) complete() error {
	switch {
	case len(c.ids) == 0:
		return fmt.Errorf("case %q covers no sentence", c.title)
	case c.where == "" && c.value == "" && c.seg == "" && c.yaml == "" && c.catalog == "":
		return fmt.Errorf("case %q defines nothing", c.title)
	case len(c.members)+len(c.checks)+len(c.values)+len(c.errors)+len(c.notes)+len(c.fails)+len(c.without) == 0:
		return fmt.Errorf("case %q expects nothing", c.title)
	case c.value != "" && len(c.values)+len(c.errors)+len(c.notes)+len(c.fails) == 0:
		return fmt.Errorf("case %q has a value and expects none", c.title)
	}
	return nil
}

// cut cuts a line at its blanks; a part in double quotes, as Go writes them,
// may hold blanks: 1="x y".
func cut(line string) ([]string, error) {
	var out []string
	for line = strings.TrimLeft(line, " "); line != ""; line = strings.TrimLeft(line, " ") {
		part := ""
		for line != "" && line[0] != ' ' {
			if line[0] != '"' {
				part, line = part+line[:1], line[1:]
				continue
			}
			quoted, err := strconv.QuotedPrefix(line)
			if err != nil {
				return nil, fmt.Errorf("a quote is not closed: %s", line)
			}
			text, err := strconv.Unquote(quoted)
			if err != nil {
				return nil, err
			}
			part, line = part+text, line[len(quoted):]
		}
		out = append(out, part)
	}
	return out, nil
}

// missing is how `values` writes a missing value; the text "missing" itself
// is written otherwise by no case.
const missing = "missing"

// asked is the name of what `where` and `value` stand for, and the beginning of
// that of the segments that ask for values.
const asked = "asked"

// definition is what `where` or `value` stands for under a name. The condition
// begins at the same line and column as in the case's file, see prefix.
func (c *testCase) definition(name string) (seg, prefix string) {
	switch {
	case c.where != "":
		prefix = "segment " + name + c.ofEntity() + " { where "
		return prefix + c.where + " }\n", prefix
	case c.value != "":
		prefix = "trait " + name + c.ofEntity() + " = "
		return prefix + c.value + "\n", prefix
	default:
		return "", ""
	}
}

func (c *testCase) ofEntity() string {
	if c.of == "" {
		return ""
	}
	return " of " + c.of
}

// questions are segments that ask which rows have each expected value.
func (c *testCase) questions(name string) (seg string, members map[string][]string) {
	members = map[string][]string{}
	for n, text := range slices.Sorted(maps.Keys(c.values)) {
		question := fmt.Sprintf("%s_%d", name, n+1)
		members[question] = c.values[text]
		cond := fmt.Sprintf("text(%s) = %s", name, quote(text))
		if text == missing {
			cond = name + " is missing"
		}
		seg += fmt.Sprintf("segment %s%s { where %s }\n", question, c.ofEntity(), cond)
	}
	return seg, members
}

// expected are the members of every segment the case names, when what it asks
// has another name.
func (c *testCase) expected(name string) map[string][]string {
	_, want := c.questions(name)
	for segment, keys := range c.members {
		if segment == asked {
			segment = name
		}
		want[segment] = keys
	}
	return want
}

// quote writes a text of the language.
func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\t", `\t`).Replace(s) + `"`
}

// Names of the files a case's definitions stand in.
const (
	segFile   = "case.seg"
	yamlFile  = "case.seg.yaml"
	askedFile = "asked.seg"
)

// project are the files of a case.
func (a *archive) project(c *testCase) fstest.MapFS {
	files := a.sources()
	put := func(name, text string) {
		if text != "" {
			files[name] = &fstest.MapFile{Data: []byte(text)}
		}
	}
	definition, _ := c.definition(asked)
	questions, _ := c.questions(asked)
	put("catalog.yaml", c.catalog)
	put(askedFile, definition)
	put("questions.seg", questions)
	put(segFile, c.seg)
	put(yamlFile, c.yaml)
	return files
}

// sources are the files that the cases share.
func (a *archive) sources() fstest.MapFS {
	files := fstest.MapFS{}
	for name, text := range a.files {
		files[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return files
}
