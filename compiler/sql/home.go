package sql

import (
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/plan"
)

// Homes is what Sources may be, too: those of an engine that keeps columns of
// several planned tables in one, which is then joined once for all of them.
type Homes interface {
	// Home is where a column of a planned table is; ok is false where it is in
	// the table of its name.
	Home(x *ir.Slot) (h Home, ok bool)
}

// Home is a column of a table with exactly one row for each row of the entity:
// the one whose Key is what the entity's own row has in the column Row.
type Home struct{ Table, Col, Key, Row string }

// Numbers is what Sources may be, too: those of an engine in which the rows of a
// source have numbers.
type Numbers interface {
	// Number is the column with the number of a row, to be given beside the
	// others, "" where it is not wanted. No other column has its name.
	Number(r *ir.Relation) string
}

func (p *printer) number(r *ir.Relation) []string {
	if numbers, is := p.sources.(Numbers); is {
		if n := numbers.Number(r); n != "" {
			return []string{n}
		}
	}
	return nil
}

func (p *printer) home(x *ir.Slot) (h Home, ok bool) {
	if homes, is := p.sources.(Homes); is {
		return homes.Home(x)
	}
	return Home{}, false
}

// atHome joins the table of a home, and answers its alias.
func (s *scope) atHome(alias string, h Home) string {
	row := h.Row
	if s.root != nil {
		if h.Table == s.root.Table {
			return alias
		}
		row = s.root.Key
	}
	return s.join(h.Table, "{0}."+s.d.Ident(h.Key)+" = "+s.col(alias, row))
}

// rootOf is a home that can stand for the rows of an entity, whose column
// number is all that is asked of them: the conditions look at homes alone.
func (p *printer) rootOf(t *plan.Table, number string) *Home {
	var root *Home
	for _, c := range t.Conds {
		if !ir.OfSlots(c.X, func(s *ir.Slot) bool {
			h, ok := p.home(s)
			if ok && root == nil {
				root = &h
			}
			return ok && h.Row == number
		}) {
			return nil
		}
	}
	return root
}
