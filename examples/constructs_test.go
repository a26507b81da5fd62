package examples_test

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/segql/segql/compiler/fn"
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/source"
	"github.com/segql/segql/lang/syntax"
	"github.com/segql/segql/lang/yamlform"
)

// nodes are the forms of the language. Together the examples show each of
// them, and each of their parts.
var nodes = []any{
	ast.AllCall{}, ast.Arith{}, ast.Between{}, ast.Bool{}, ast.Branch{}, ast.Call{}, ast.Case{}, ast.Compare{}, ast.Date{}, ast.Duration{},
	ast.Expect{}, ast.Fact{}, ast.FactCall{}, ast.Group{}, ast.Has{}, ast.History{}, ast.Holdout{}, ast.InName{}, ast.InRank{}, ast.InSegment{},
	ast.InSet{}, ast.InWindow{}, ast.Known{}, ast.List{}, ast.Logic{}, ast.Matches{}, ast.Meta{}, ast.Neg{}, ast.Not{}, ast.Number{}, ast.Param{},
	ast.Paren{}, ast.PathExpr{}, ast.RFM{}, ast.Rank{}, ast.Regex{}, ast.Regularly{}, ast.Scalar{}, ast.Segment{}, ast.Set{}, ast.Source{},
	ast.Split{}, ast.Step{}, ast.Text{}, ast.TextMatch{}, ast.Time{}, ast.Trait{}, ast.When{}, ast.Window{}, ast.Within{}, ast.Word{},
}

// values are words that stand in one field.
var values = map[string][]string{
	"Arith.Op":      {"+", "-", "*", "/"},
	"Compare.Op":    {"=", "!=", "<", "<=", ">", ">=", "~="},
	"Duration.Unit": {"days", "weeks", "months", "years", "hours", "km", "m"},
	"FactCall.Name": {"any", "none", "count"},
	"Has.Quant":     {"any", "all", "none"},
	"Logic.Op":      {"and", "or"},
	"Meta.Key":      {"title", "description", "owner", "goal", "tags", "channels", "priority", "valid_from", "valid_until"},
	"TextMatch.Op":  {"contains", "~contains", "starts with", "ends with"},
	"Window.Kind":   {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"},
	"Word.Name":     {"as_of", "today", "yesterday", "tomorrow"},
}

// rare are parts that no example needs: what a marketer would not write.
var rare = []string{
	"Bool",                                // a bare attribute says it
	"Has.Not", "History.Not", "History.X", // has none of; inside a fact
	"Time.Min", "Time.Off", "Time.Sec", // a round hour in the zone
}

// TestEveryConstruct: the examples use the whole language.
func TestEveryConstruct(t *testing.T) {
	found := map[string]bool{}
	var text strings.Builder
	for _, dir := range exampleProjects(t) {
		err := filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
			if err != nil {
				return err
			}
			content, isFile := definitions(t, path)
			text.WriteString(content)
			if isFile {
				collect(parsed(t, path, content), found)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	var missing []string
	for _, key := range constructs() {
		if !found[key] && !slices.ContainsFunc(rare, func(r string) bool { return strings.HasPrefix(key, r) }) {
			missing = append(missing, key)
		}
	}
	calls := append(fn.Names(), "age", "anniversary", "start_of", "point", "sample", "bucket", "percentile", "sum", "avg", "min", "max", "median", "mode", "first", "last")
	for _, name := range calls {
		if !regexp.MustCompile(`\b` + name + `\(`).MatchString(text.String()) {
			missing = append(missing, name+"()")
		}
	}
	if len(missing) > 0 {
		t.Errorf("no example shows:\n%s", strings.Join(missing, "\n"))
	}
}

// definitions is the text of a catalog or a file with definitions.
func definitions(t *testing.T, path string) (content string, isFile bool) {
	t.Helper()
	isFile = strings.HasSuffix(path, ".seg") || strings.HasSuffix(path, ".seg.yaml") && !strings.HasSuffix(path, yamlform.TestSuffix)
	if !isFile && filepath.Base(path) != "catalog.yaml" {
		return "", false
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b), isFile
}

func parsed(t *testing.T, path, content string) *ast.File {
	t.Helper()
	parse := syntax.Parse
	if strings.HasSuffix(path, ".yaml") {
		parse = yamlform.Parse
	}
	f, diags := parse(source.New(path, content))
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return f
}

// constructs are the keys that collect finds when everything is used.
func constructs() []string {
	var keys []string
	for _, n := range nodes {
		typ := reflect.TypeOf(n)
		keys = append(keys, typ.Name())
		for i := range typ.NumField() {
			f := typ.Field(i)
			key := typ.Name() + "." + f.Name
			switch {
			case f.Anonymous || f.Type == reflect.TypeFor[source.Span]():
			case values[key] != nil:
				for _, v := range values[key] {
					keys = append(keys, key+" "+v)
				}
			default:
				keys = append(keys, key)
			}
		}
	}
	return keys
}

// collect notes the nodes below x, the fields of theirs that are not empty,
// and the words in them.
func collect(x any, found map[string]bool) {
	var visit func(v reflect.Value)
	visit = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.Interface, reflect.Pointer:
			if !v.IsNil() {
				visit(v.Elem())
			}
		case reflect.Slice:
			for i := range v.Len() {
				visit(v.Index(i))
			}
		case reflect.Struct:
			if v.Type() == reflect.TypeFor[source.Span]() {
				return
			}
			name := v.Type().Name()
			found[name] = true
			for i := range v.NumField() {
				f := v.Field(i)
				key := name + "." + v.Type().Field(i).Name
				if !f.IsZero() {
					found[key] = true
				}
				if id, ok := f.Interface().(ast.Ident); ok {
					found[key+" "+id.Name] = true
				} else if values[key] != nil {
					found[key+" "+fmt.Sprint(f.Interface())] = true
				}
				if v.Type().Field(i).Name != "Source" {
					visit(f)
				}
			}
		default: // a word or a number, noted with its field
		}
	}
	visit(reflect.ValueOf(x.(*ast.File).Decls))
}
