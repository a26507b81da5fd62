package difftest

import (
	"context"
	"fmt"
	"strings"

	"pgregory.net/rapid"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/runtime/duckdb"
)

// change is one that an earlier run has stored, or a later one: those of the
// run's own instant and after it must not count.
type change struct {
	segment, entity, key string
	at                   int64
	left                 bool
}

// drawChanges draws the history of the segments of a project.
func (w *world) drawChanges(t *rapid.T, p *compiler.Project) {
	w.changes = nil
	for _, s := range p.Segments {
		if s.Split != "" {
			continue
		}
		for range rapid.IntRange(0, 6).Draw(t, "changes") {
			c := change{segment: s.Name, entity: s.Entity.Name, at: w.when(t), left: rapid.Bool().Draw(t, "left")}
			key := value.NewInt(int64(rapid.IntRange(1, 7).Draw(t, "of")))
			if s.Entity.Key.Type.Kind == value.Text {
				key = keyAsText(key)
			}
			c.key = value.Key(key)
			if rapid.IntRange(0, 9).Draw(t, "now") == 0 {
				c.at = w.asOf
			}
			w.changes = append(w.changes, c)
		}
	}
}

// history are the changes as the evaluator takes them.
func (w *world) history(p *ir.Project) ir.Changes {
	out := ir.Changes{}
	for _, c := range w.changes {
		if s := p.Segment(c.segment); s != nil && s.Entity.Name == c.entity {
			out[s] = append(out[s], ir.Change{Key: c.key, At: c.at, Left: c.left})
		}
	}
	return out
}

// loadChanges gives DuckDB the changes, as the store would.
func (e *engine) loadChanges(w *world) error {
	rows := []string{"('', '', '', make_timestamptz(0), '')"}
	for _, c := range w.changes {
		kind := "entered"
		if c.left {
			kind = "left"
		}
		rows = append(rows, fmt.Sprintf("(%s, %s, %s, make_timestamptz(%d), %s)", duckdb.QuoteText(c.segment), duckdb.QuoteText(c.entity), duckdb.QuoteText(c.key), c.at, duckdb.QuoteText(kind)))
	}
	return e.LoadChanges(context.Background(), "SELECT * FROM (VALUES "+strings.Join(rows, ", ")+") AS v(segment, entity, customer, as_of, kind)")
}
