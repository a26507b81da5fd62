package bench

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
)

// digest tells the members of a segment apart from any others, as good as
// surely: how many, the sum of their keys and the sum of the squares.
type digest struct{ count, sum, squares int64 }

// digests of every segment that has members.
func (o *outcome) digests(ctx context.Context) (map[string]digest, error) {
	db := o.db
	if o.file != "" {
		var err error
		if db, err = sql.Open("duckdb", o.file+"?access_mode=read_only"); err != nil {
			return nil, fmt.Errorf("read the members: %w", err)
		}
		defer func() { _ = db.Close() }()
	}
	rows, err := db.QueryContext(ctx, `SELECT segment, count(*), CAST(sum(k) AS BIGINT), CAST(sum(k * k % 1000003) AS BIGINT)
FROM (`+o.members+`) AS m(segment, k) GROUP BY segment`)
	if err != nil {
		return nil, fmt.Errorf("read the members: %w", err)
	}
	defer rows.Close()
	found := map[string]digest{}
	for rows.Next() {
		var name string
		var d digest
		if err := rows.Scan(&name, &d.count, &d.sum, &d.squares); err != nil {
			return nil, fmt.Errorf("read the members: %w", err)
		}
		found[name] = d
	}
	return found, rows.Err()
}

// differ names the segments whose members are not the same, nil when all are.
func differ(segments []Segment, a, b map[string]digest) error {
	var names []string
	for _, s := range segments {
		if a[s.Name] != b[s.Name] {
			names = append(names, fmt.Sprintf("%s (%d and %d members)", s.Name, a[s.Name].count, b[s.Name].count))
		}
	}
	for name := range b {
		if !slices.ContainsFunc(segments, func(s Segment) bool { return s.Name == name }) {
			names = append(names, name+", which nobody asked for")
		}
	}
	if len(names) == 0 {
		return nil
	}
	const most = 10
	more := ""
	if len(names) > most {
		more = fmt.Sprintf(" and %d more", len(names)-most)
		names = names[:most]
	}
	return fmt.Errorf("the members differ in %d of %d segments: %s%s", len(names), len(segments), strings.Join(names, ", "), more)
}
