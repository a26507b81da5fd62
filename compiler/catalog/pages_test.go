package catalog_test

import (
	"os"
	"regexp"
	"slices"
	"testing"

	"github.com/segql/segql/compiler/catalog"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/lang/source"
)

// TestPages runs the examples of SEG15xx: the failing one gives its code and
// no other, the fixed one gives nothing.
func TestPages(t *testing.T) {
	count := 0
	for _, p := range diag.Pages() {
		if p.Code < "SEG1500" || p.Code > "SEG1599" {
			continue
		}
		count++
		text, ok := diag.Files(p.Fails)["catalog.yaml"]
		if !ok {
			t.Errorf("%s has no catalog.yaml", p.Code)
			continue
		}
		_, diags := catalog.Parse(source.New("catalog.yaml", text))
		other := func(d diag.Diagnostic) bool { return d.Code != p.Code }
		if len(diags) == 0 || slices.ContainsFunc(diags, other) {
			t.Errorf("%s: the failing example gives\n%s", p.Code, show(diags))
		}
		_, diags = catalog.Parse(source.New("catalog.yaml", diag.Files(p.Fixed)["catalog.yaml"]))
		if len(diags) != 0 {
			t.Errorf("%s: the fixed example gives\n%s", p.Code, show(diags))
		}
	}
	if count == 0 {
		t.Error("there are no pages")
	}
}

// TestEveryCodeHasAPage reads the codes off the sources.
func TestEveryCodeHasAPage(t *testing.T) {
	code := regexp.MustCompile(`"SEG15\d\d"`)
	for _, name := range []string{"codes.go", "../../internal/yamltree/yamltree.go"} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, quoted := range code.FindAllString(string(text), -1) {
			if _, ok := diag.Lookup(quoted[1 : len(quoted)-1]); !ok {
				t.Errorf("%s has no page", quoted)
			}
		}
	}
}
