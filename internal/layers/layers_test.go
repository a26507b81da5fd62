// Package layers holds the test of how the packages of segql may depend on
// each other: lang <- compiler <- runtime <- cmd, and nothing impure below
// runtime, so that lang and compiler give the same answers on every system and
// in a browser. The linter looks at each import; this looks at everything an
// import brings along.
package layers

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/segql/segql/"

// layers from the first to the last; each sees those before it.
var layers = []string{"lang", "compiler", "runtime", "cmd"}

// pure is the number of layers that are.
const pure = 2

// pkg is what this test needs of an entry of "go list -json".
type pkg struct {
	ImportPath, Dir   string
	GoFiles, CgoFiles []string
	Imports, Deps     []string
	Standard          bool
}

// layer of a package of this module; -1 for any other.
func layer(importPath string) int {
	rest, ours := strings.CutPrefix(importPath, module)
	if !ours {
		return -1
	}
	first, _, _ := strings.Cut(rest, "/")
	return slices.Index(layers, first)
}

// list is every package of the module and all they depend on.
func list(t *testing.T) map[string]pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-deps", "-json=ImportPath,Dir,GoFiles,CgoFiles,Imports,Deps,Standard", "./...")
	cmd.Dir = filepath.Join("..", "..")
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, complaint.Bytes())
	}
	all := map[string]pkg{}
	found := make([]int, len(layers))
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		all[p.ImportPath] = p
		if l := layer(p.ImportPath); l >= 0 {
			found[l]++
		}
	}
	if slices.Contains(found, 0) {
		t.Fatalf("packages in %v: %v; then this test looks at nothing", layers, found)
	}
	return all
}

func TestLayers(t *testing.T) {
	all := list(t)
	needed := map[string]string{} // by the pure layers: package -> one that needs it
	for path, p := range all {
		l := layer(path)
		if l < 0 {
			continue
		}
		for _, dep := range p.Deps {
			if layer(dep) > l {
				t.Errorf("%s depends on %s, of a later layer", path, dep)
			}
			if l < pure {
				needed[dep] = path
			}
		}
		if l < pure {
			needed[path] = path
		}
	}
	for path, by := range needed {
		checkNeeded(t, all[path], by)
	}
}

// checkNeeded looks at what a pure package is made of. The standard library's
// own fmt needs os; nothing else may.
func checkNeeded(t *testing.T, p pkg, by string) {
	switch p.ImportPath {
	case "context", "database/sql", "net", "os/exec", "runtime/cgo":
		t.Errorf("%s depends on %s", by, p.ImportPath)
	}
	if p.Standard {
		return
	}
	if len(p.CgoFiles) > 0 {
		t.Errorf("%s depends on %s, which needs a C compiler", by, p.ImportPath)
	}
	if strings.HasPrefix(p.ImportPath, module) {
		checkPure(t, p)
	} else if slices.Contains(p.Imports, "os") {
		t.Errorf("%s depends on %s, which imports os", by, p.ImportPath)
	}
}

// checkPure looks at one package of ours: its imports and its clocks.
func checkPure(t *testing.T, p pkg) {
	for _, imported := range p.Imports {
		switch imported {
		case "C", "context", "database/sql", "log", "math/rand", "math/rand/v2", "net", "os", "syscall", "unsafe":
			t.Errorf("%s imports %s", p.ImportPath, imported)
		}
	}
	// Reading the folder makes a cached result go stale with a new file.
	if _, err := os.ReadDir(p.Dir); err != nil {
		t.Fatal(err)
	}
	for _, name := range p.GoFiles {
		files := token.NewFileSet()
		tree, err := parser.ParseFile(files, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			if at, what := clock(n); at != token.NoPos {
				t.Errorf("%s/%s:%d: time.%s: what time it is, is an argument", p.ImportPath, name, files.Position(at).Line, what)
			}
			return true
		})
	}
}

// clock finds a use of the machine's clock or zone.
func clock(n ast.Node) (token.Pos, string) {
	sel, ok := n.(*ast.SelectorExpr)
	if !ok {
		return token.NoPos, ""
	}
	if x, ok := sel.X.(*ast.Ident); ok && x.Name == "time" {
		switch sel.Sel.Name {
		case "After", "Local", "NewTicker", "NewTimer", "Now", "Since", "Sleep", "Tick", "Until":
			return sel.Pos(), sel.Sel.Name
		}
	}
	return token.NoPos, ""
}
