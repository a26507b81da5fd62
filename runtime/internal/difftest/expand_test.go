package difftest

import (
	"fmt"
	"strings"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/compiler/expand"
)

// sameAfterExpand holds what definitions stand for, written in their place, to
// have the same members.
func sameAfterExpand(e *engine, w *world, p *compiler.Project, want map[string][]string) string {
	for _, o := range []expand.Options{{}, {Deep: true}} {
		var parts []string
		for _, d := range p.Files[0].Decls {
			text, ok := expand.Text(p, d.DeclName().Name, o)
			if !ok {
				return "no expansion of " + d.DeclName().Name
			}
			parts = append(parts, text)
		}
		text := strings.Join(parts, "\n")
		q, diags := e.compile(w.catalog, text)
		if diags.HasErrors() {
			return fmt.Sprintf("what definitions stand for does not check: %v\n%s", diags, text)
		}
		got, err := evaluated(q.Project, w.asOf, w.input(q.Project))
		if err != nil {
			return fmt.Sprintf("what definitions stand for: %v\n%s", err, text)
		}
		if diff := differences(p.Project, want, got); diff != "" {
			return fmt.Sprintf("what definitions stand for differs (%+v):\n%s\n%s", o, diff, text)
		}
	}
	return ""
}
