package health

import (
	"context"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/segql/segql/compiler/plan"
	"github.com/segql/segql/compiler/sql"
)

// counting asks an engine for many numbers of one entity's rows at once.
type counting struct {
	x       *examination
	dialect *sql.Dialect
	from    string         // the tables with memberships and answers, a row for each row of the entity
	columns []string       // of segments, by their place among the entity's
	answers map[int]string // of asks
	wanted  []want
}

type want struct {
	expr string
	dest any
}

// count reads everything there is to know of the segments of one entity.
func (x *examination) count(ctx context.Context, pl *plan.Plan, e *entity) error {
	c := x.counting(pl, e)
	c.rows(&e.universe, "true")
	for _, a := range e.attrs {
		c.rows(&a.known, c.answers[a.ask])
	}
	var total string
	if e.revenue != nil {
		c.sum(&total, e, "true")
	}
	totals := make([]string, len(e.segments))
	for i, s := range e.segments {
		in := c.columns[i]
		c.rows(&s.size, in)
		all := []string{"true"}
		for _, a := range s.attrs {
			all = append(all, c.answers[a.ask])
		}
		c.rows(&s.known, all...)
		s.reach, s.holding = make([]int64, len(e.channels)), make([]int64, len(s.expects))
		for j, ch := range e.channels {
			c.rows(&s.reach[j], in, c.answers[ch.ask])
		}
		for j, ask := range s.expects {
			if ask >= 0 {
				c.rows(&s.holding[j], in, c.answers[ask])
			}
		}
		if e.revenue != nil {
			c.sum(&totals[i], e, in)
		}
	}
	if err := c.read(ctx, "count "+e.rel.Name); err != nil {
		return err
	}
	if e.revenue != nil {
		e.worth = rational(total)
		for i, s := range e.segments {
			s.worth = rational(totals[i])
		}
	}
	return c.overlaps(ctx, e)
}

func rational(text string) *big.Rat {
	q, ok := new(big.Rat).SetString(text)
	if !ok {
		panic("health: no number: " + text)
	}
	return q
}

func (x *examination) counting(pl *plan.Plan, e *entity) *counting {
	c := &counting{x: x, dialect: x.Engine.Dialect(), answers: map[int]string{}}
	segments := len(pl.Columns) - len(x.asks)
	alias := map[string]string{}
	for i, col := range pl.Columns {
		if col.Entity != e.rel {
			continue
		}
		if alias[col.Table] == "" {
			a := fmt.Sprintf("t%d", len(alias)+1)
			if c.from == "" {
				c.from = c.dialect.Ident(col.Table) + " AS " + a
			} else {
				c.from += fmt.Sprintf("\nJOIN %s AS %s ON %s.%s = t1.%[4]s", c.dialect.Ident(col.Table), a, a, c.dialect.Ident(sql.KeyName))
			}
			alias[col.Table] = a
		}
		name := alias[col.Table] + "." + c.dialect.Ident(col.Col)
		if i < segments {
			c.columns = append(c.columns, name)
		} else {
			c.answers[i-segments] = name
		}
	}
	return c
}

// rows wants the number of rows for which all conditions hold.
func (c *counting) rows(dest *int64, conds ...string) {
	c.wanted = append(c.wanted, want{"count(*) FILTER (WHERE " + strings.Join(conds, " AND ") + ")", dest})
}

// sum wants what rows are worth.
func (c *counting) sum(dest *string, e *entity, cond string) {
	c.wanted = append(c.wanted, want{"coalesce(CAST(sum(" + c.answers[e.worthAsk] + ") FILTER (WHERE " + cond + ") AS VARCHAR), '0')", dest})
}

// read reads what is wanted, in statements of a length that engines take.
func (c *counting) read(ctx context.Context, doing string) error {
	for part := range slices.Chunk(c.wanted, 500) {
		exprs, dests := make([]string, len(part)), make([]any, len(part))
		for i, w := range part {
			exprs[i], dests[i] = w.expr, w.dest
		}
		if err := c.x.Engine.QueryRow(ctx, doing, "SELECT "+strings.Join(exprs, ",\n")+"\nFROM "+c.from, dests...); err != nil {
			return err
		}
	}
	return nil
}

// overlaps counts how many rows each two segments share. Rows that are in the
// same segments are one: there are far fewer of those than of rows, and each
// gives all of its pairs at once.
func (c *counting) overlaps(ctx context.Context, e *entity) error {
	e.both = make([][]int64, len(c.columns))
	for i := range e.both {
		e.both[i] = make([]int64, len(c.columns))
	}
	flags := make([]string, len(c.columns))
	for i, col := range c.columns {
		flags[i] = "CASE WHEN " + col + " THEN '1' ELSE '0' END"
	}
	query := "SELECT pattern, count(*) FROM (\n  SELECT " + joined(flags) + " AS pattern\n  FROM " + c.from + ") AS p\nGROUP BY pattern"
	return c.x.Engine.Each(ctx, "compare the segments of "+e.rel.Name, query, func(scan func(...any) error) error {
		var pattern string
		var n int64
		if err := scan(&pattern, &n); err != nil {
			return err
		}
		var in []int
		for i := range len(pattern) {
			if pattern[i] == '1' {
				in = append(in, i)
			}
		}
		for _, i := range in {
			row := e.both[i]
			for _, j := range in {
				row[j] += n
			}
		}
		return nil
	})
}

// joined is one text of many. Engines bound the arguments of a function
// (PostgreSQL: 100) and how deep expressions nest.
func joined(texts []string) string {
	const most = 50
	for len(texts) > most {
		var parts []string
		for part := range slices.Chunk(texts, most) {
			parts = append(parts, joined(part))
		}
		texts = parts
	}
	return "concat(" + strings.Join(texts, ", ") + ")"
}
