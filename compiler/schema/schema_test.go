package schema_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/segql/segql/compiler/catalog"
	"github.com/segql/segql/compiler/schema"
	"github.com/segql/segql/compiler/testform"
	"github.com/segql/segql/internal/golden"
	"github.com/segql/segql/internal/keytable"
	"github.com/segql/segql/internal/yamltree"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/lang/source"
	"github.com/segql/segql/lang/syntax"
	"github.com/segql/segql/lang/yamlform"
)

// TestPublished: the files in spec/schema are what the program prints.
func TestPublished(t *testing.T) {
	for _, kind := range schema.Kinds {
		text, ok := schema.Print(kind)
		if !ok {
			t.Fatalf("no schema %s", kind)
		}
		golden.Check(t, "../../spec/schema/"+kind+".schema.json", string(text))
	}
	if _, ok := schema.Print("segment"); ok {
		t.Error("there is a schema of nothing")
	}
}

func compile(t *testing.T, kind string) *jsonschema.Schema {
	t.Helper()
	text, _ := schema.Print(kind)
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(kind+".json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(kind + ".json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// value is a file as a reader of YAML sees it that takes unquoted scalars for
// what they look like, or for texts.
func value(n *yamltree.Node, guess bool) any {
	switch n.Kind {
	case yamltree.List:
		list := []any{}
		for _, item := range n.Items {
			list = append(list, value(item, guess))
		}
		return list
	case yamltree.Map:
		m := map[string]any{}
		for _, e := range n.Entries {
			m[e.Key.Text] = value(e.Value, guess)
		}
		return m
	case yamltree.Null:
		return nil
	case yamltree.Scalar:
	}
	if guess && !n.Quoted {
		if b, err := strconv.ParseBool(n.Text); err == nil && (n.Text == "true" || n.Text == "false") {
			return b
		}
		if _, err := strconv.ParseFloat(n.Text, 64); err == nil && !strings.ContainsAny(n.Text, "_xXpPiInN") {
			return json.Number(strings.TrimLeft(n.Text, "0+") + strings.Repeat("0", len("0")-min(1, len(strings.TrimLeft(n.Text, "0+")))))
		}
	}
	return n.Text
}

// validate validates both readings.
func validate(t *testing.T, s *jsonschema.Schema, text string) error {
	t.Helper()
	root, diags := yamltree.Parse(source.New("x.yaml", text))
	if diags.HasErrors() || root == nil {
		return nil // no YAML is another matter
	}
	if err := s.Validate(value(root, false)); err != nil {
		return err
	}
	return s.Validate(value(root, true))
}

// TestExamples: every catalog and every definition of the examples fits its
// schema, definitions of .seg files in YAML.
func TestExamples(t *testing.T) {
	schemas := map[string]*jsonschema.Schema{"catalog": compile(t, "catalog"), "segments": compile(t, "segments")}
	count := map[string]int{}
	for _, root := range []string{"../../examples", "../../lang/yamlform/testdata", "../../spec"} {
		err := fs.WalkDir(os.DirFS(root), ".", func(name string, _ fs.DirEntry, err error) error {
			kind := map[bool]string{true: "catalog"}[filepath.Base(name) == "catalog.yaml"]
			if strings.HasSuffix(name, ".seg") || strings.HasSuffix(name, yamlform.Suffix) && !strings.HasSuffix(name, yamlform.TestSuffix) {
				kind = "segments"
			}
			if err != nil || kind == "" {
				return err
			}
			raw, err := os.ReadFile(filepath.Join(root, name))
			if err != nil {
				return err
			}
			text := string(raw)
			if strings.HasSuffix(name, ".seg") {
				tree, diags := syntax.Parse(source.New(name, text))
				if diags.HasErrors() {
					return nil
				}
				text = yamlform.FromSeg(tree)
			}
			count[kind]++
			if err := validate(t, schemas[kind], text); err != nil {
				t.Errorf("%s/%s: %v", root, name, err)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if count["catalog"] < 5 || count["segments"] < 10 {
		t.Errorf("only %v were looked at", count)
	}
}

// TestPages: of each code about keys and forms the fixed example fits the
// schema, and the failing one does not.
func TestPages(t *testing.T) {
	segments, catalogs := compile(t, "segments"), compile(t, "catalog")
	for _, code := range []diag.Code{"SEG1503", "SEG1504", "SEG1600", "SEG1601", "SEG1602", "SEG1603", "SEG1604", "SEG1605", "SEG1606"} {
		page, ok := diag.Lookup(string(code))
		if !ok {
			t.Fatalf("no page %s", code)
		}
		s, name := segments, "example.seg.yaml"
		if code < "SEG1600" {
			s, name = catalogs, "catalog.yaml"
		}
		if err := validate(t, s, diag.Files(page.Fixed)[name]); err != nil {
			t.Errorf("%s: the fixed example is refused: %v", code, err)
		}
		if validate(t, s, diag.Files(page.Fails)[name]) == nil {
			t.Errorf("%s: the failing example is accepted", code)
		}
	}
}

// TestAgreement: what the decoder takes fits the schema, key by key: the
// example of each key of each table.
func TestAgreement(t *testing.T) {
	for kind, tables := range map[string][]*keytable.Table{"catalog": catalog.Tables(), "segments": yamlform.Tables(), "tests": testform.Tables()} {
		text, _ := schema.Print(kind)
		var all struct {
			Defs map[string]struct {
				Description string
				Properties  map[string]any
			} `json:"$defs"`
		}
		if err := json.Unmarshal(text, &all); err != nil {
			t.Fatal(err)
		}
		for _, table := range tables {
			found := false
			for name, def := range all.Defs {
				if def.Description != table.Of {
					continue
				}
				found = true
				for _, k := range table.Keys {
					if k.Takes == nil {
						t.Errorf("%s: the key %s says nothing of its form", table.Of, k.Name)
					}
					c := jsonschema.NewCompiler()
					doc, _ := jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
					if err := c.AddResource("s.json", doc); err != nil {
						t.Fatal(err)
					}
					s, err := c.Compile("s.json#/$defs/" + name + "/properties/" + strings.ReplaceAll(k.Name, " ", "%20"))
					if err != nil {
						t.Fatal(err)
					}
					if err := validate(t, s, k.Form); err != nil {
						t.Errorf("%s: the example of %s is refused: %v", table.Of, k.Name, err)
					}
				}
			}
			if !found {
				t.Errorf("%s has no definition", table.Of)
			}
		}
	}
}

// TestTests: a test file that uses all there is, and some that are wrong.
func TestTests(t *testing.T) {
	s := compile(t, "tests")
	const good = `
test: buyers of the last 90 days
as_of: 2025-06-01
set: {min_spend: 3_000_000}
rows:
  customer:
    - {id: 1, name: An}
    - {id: 2}
  orders:
    - {customer_id: 1, ordered_at: 2025-05-30, amount: 100.5}
expect:
  recent_buyers: {in: [1], not in: [2], size: 1}
  lifecycle.loyal: {size: 0}
traits:
  total_spend: {1: 100.5}
then:
  - as_of: 2025-10-01
    rows: {orders: [{customer_id: 2, ordered_at: 2025-09-30, tags: [], home: {city: Huế, at: [1, 2]}}]}
    expect: {recent_buyers: {entered: [2], left: [1]}}
`
	if err := validate(t, s, good); err != nil {
		t.Error(err)
	}
	raw, err := os.ReadFile("../testform/testdata/all_test.seg.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if err := validate(t, s, string(raw)); err != nil {
		t.Error(err)
	}
	if err := validate(t, s, "- test: a\n  as_of: 2025-06-01\n- test: b\n  as_of: 2025-06-01\n"); err != nil {
		t.Error(err)
	}
	for _, bad := range []string{
		"as_of: 2025-06-01", "test: a", "test: a\nas_of: 2025-06-01\nrow: {}", "test: a\nas_of: 2025-06-01\nexpect: {a: [1]}",
		"test: a\nas_of: 2025-06-01\nexpect: {a: {out: [1]}}", "test: a\nas_of: 2025-06-01\nrows: {customer: {id: 1}}",
		"test: a\nas_of: 2025-06-01\nthen: [{expect: {}}]", "test: [a]\nas_of: 2025-06-01",
		"test: a\nas_of: 2025-06-01\nrows: {customer: [{id: [~]}]}", "test: a\nas_of: 2025-06-01\ntraits: {a: {1: {is: known}}}",
	} {
		if validate(t, s, bad) == nil {
			t.Errorf("%s is accepted", bad)
		}
	}
}
