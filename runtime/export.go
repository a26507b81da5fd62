package runtime

import (
	"context"
	"fmt"

	"github.com/segql/segql/compiler/sql"
	"github.com/segql/segql/runtime/duckdb"
)

// Export writes the members that the last Run found for a segment into a file
// whose ending, .csv or .parquet, is its format: one column of the entity's
// key, in the order of the bytes of its text. The file is replaced in one step.
func (p *Project) Export(ctx context.Context, segment, file string) error {
	s := p.Segment(segment)
	if s == nil {
		return fmt.Errorf("export %s: there is no such segment", segment)
	}
	keys, err := p.keysOf(ctx, segment)
	if err != nil {
		return err
	}
	key := s.Entity.Key
	_, err = p.Session.WriteFile(ctx, "SELECT CAST(\"key\" AS "+sql.DuckDB.Type(key.Type)+") AS "+duckdb.QuoteIdent(key.Name)+" FROM ("+keys+") ORDER BY \"key\"", file)
	return err
}

// Members calls fn with the key of everyone that the last Run found in a
// segment, in the order of its bytes.
func (p *Project) Members(ctx context.Context, segment string, fn func(key string) error) error {
	keys, err := p.keysOf(ctx, segment)
	if err != nil {
		return err
	}
	return p.Session.Each(ctx, "list the members of "+segment, keys+" ORDER BY \"key\"", func(scan func(...any) error) error {
		var key string
		if err := scan(&key); err != nil {
			return err
		}
		return fn(key)
	})
}

// keysOf is a query of the session for the keys, as text, of those the last Run
// found in a segment. It is good until the next.
func (p *Project) keysOf(ctx context.Context, segment string) (string, error) {
	doing := "list the members of " + segment
	s := p.Segment(segment)
	if s == nil || p.found == nil || p.found.Sets[segment] == nil {
		return "", fmt.Errorf("%s: no run has computed it", doing)
	}
	const chosen = "segql_chosen"
	if err := p.Session.Exec(ctx, doing, "CREATE OR REPLACE TEMP TABLE "+chosen+" (n BIGINT)"); err != nil {
		return "", err
	}
	err := p.Session.Append(ctx, doing, [3]string{"temp", "main", chosen}, func(a *duckdb.Appender) error {
		for it := p.found.Sets[segment].Iterator(); it.HasNext(); {
			duckdb.Put(a, 0, int64(it.Next()))
			if err := a.Next(); err != nil {
				return err
			}
		}
		return nil
	})
	return `SELECT "key" FROM (` + p.found.Universe(s.Entity.Name).Keys + ") WHERE n IN (SELECT n FROM temp.main." + chosen + ")", err
}
