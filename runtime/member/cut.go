package member

import (
	"context"
	"fmt"
	"strings"

	"github.com/segql/segql/runtime/duckdb"
)

// Cut is one place at which a run found a construct to divide the population:
// what evaluations in process need of a rank, a bucket or a value of everyone.
// A construct without rows in a run divides nobody, and has one Cut without a
// Place.
type Cut struct {
	Construct  string // program.Population.Key
	Grouped    bool   // Group names a group; else there is none, or its name is missing
	Group      string
	Place      int    // of a bucket its number, else 1; 0: nobody is divided
	Value, Key string // of the last row that is in, as value.Value writes them
	Known      bool   // Value is there
	Open       bool   // there were more places than rows
}

// cuts replaces what the store has of the run's constructs.
func (c *commit) cuts(ctx context.Context) error {
	if !c.b.Partial {
		if err := c.run(ctx, "DELETE FROM {log}.cut"); err != nil {
			return err
		}
	}
	constructs := map[string]bool{}
	for _, cut := range c.b.Cuts {
		if !constructs[cut.Construct] {
			constructs[cut.Construct] = true
			if err := c.run(ctx, "DELETE FROM {log}.cut WHERE construct = "+duckdb.QuoteText(cut.Construct)); err != nil {
				return err
			}
		}
	}
	const chunk = 500
	for from := 0; from < len(c.b.Cuts); from += chunk {
		var rows []string
		for _, cut := range c.b.Cuts[from:min(from+chunk, len(c.b.Cuts))] {
			v := "NULL"
			if cut.Known {
				v = duckdb.QuoteText(cut.Value)
			}
			rows = append(rows, fmt.Sprintf("({seq}, %s, %t, %s, %d, %s, %s, %t)", duckdb.QuoteText(cut.Construct), cut.Grouped, duckdb.QuoteText(cut.Group), cut.Place, v, duckdb.QuoteText(cut.Key), cut.Open))
		}
		if err := c.run(ctx, "INSERT INTO {log}.cut VALUES "+strings.Join(rows, ", ")); err != nil {
			return err
		}
	}
	return nil
}

// Cuts calls fn for every stored cut, those of one construct together.
func (s *Store) Cuts(ctx context.Context, fn func(Cut) error) error {
	query := `SELECT construct, grouped, grp, place, value IS NOT NULL, coalesce(value, ''), "key", open FROM {log}.cut ORDER BY construct, grouped, grp, place`
	return s.each(ctx, "read what the last run divided", query, func(scan func(...any) error) error {
		var c Cut
		if err := scan(&c.Construct, &c.Grouped, &c.Group, &c.Place, &c.Known, &c.Value, &c.Key, &c.Open); err != nil {
			return err
		}
		return fn(c)
	})
}
