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
	key := s.Entity.Key
	_, err := p.Session.WriteFile(ctx, "SELECT CAST(customer AS "+sql.DuckDB.Type(key.Type)+") AS "+duckdb.QuoteIdent(key.Name)+
		" FROM segql_members WHERE segment = "+duckdb.QuoteText(segment)+" ORDER BY customer", file)
	return err
}
