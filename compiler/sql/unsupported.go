package sql

import (
	"fmt"

	"github.com/segql/segql/compiler/fn"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/lang/diag"
)

// Lacking is the code of a definition that is right, but that an engine cannot
// compute as the language means it.
const Lacking diag.Code = "SEG3002"

// Unsupported reports what of a project an engine cannot compute, under the
// name of the segment or relation that asks for it.
func Unsupported(p *ir.Project, d *Dialect) diag.List {
	u := &unsupported{d: d, seen: map[ir.Expr]bool{}}
	for _, r := range p.Relations {
		for _, c := range r.Columns {
			u.look(r.Name, c.Def)
		}
		u.look(r.Name, r.Where)
	}
	for _, s := range p.Segments {
		u.look("segment "+s.Name, s.Where)
	}
	return u.diags
}

type unsupported struct {
	d     *Dialect
	seen  map[ir.Expr]bool
	diags diag.List
}

func (u *unsupported) look(where string, x ir.Expr) {
	if x == nil {
		return
	}
	ir.Walk(x, func(e ir.Expr) bool {
		if u.seen[e] { // a trait, met before
			return false
		}
		u.seen[e] = true
		if lack, ok := lackOf(e); ok {
			if help, lacks := u.d.Lacks[lack]; lacks {
				u.diags.Errorf(Lacking, e.Span(), "%s: %s", where, fmt.Sprintf("%s has no exact form in %s", lack, u.d.Name)).Help = help
			}
		}
		return true
	})
}

// lackOf is what an engine must be able to do for an expression, where not
// every engine is.
func lackOf(e ir.Expr) (Lack, bool) {
	if c, ok := e.(*ir.Call); ok && c.T.Kind == value.Float && fn.Lookup(c.Fn) != nil && c.Fn == "mod" {
		return FloatMod, true
	}
	return "", false
}
