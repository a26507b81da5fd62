package duckdb

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
)

// Rows are a query's rows; errors come back classified.
type Rows struct {
	*sql.Rows
	s     *Session
	ctx   context.Context // of the query, to tell a cancellation from a failure
	doing string
}

// Err is the error that ended the rows early, if any.
func (r *Rows) Err() error { return r.s.wrap(r.ctx, r.doing, r.Rows.Err()) }

// Exec runs one or more statements. doing says, in words for the user, what
// for: "read data/customers.csv"; it begins the error's text.
func (s *Session) Exec(ctx context.Context, doing, query string, args ...any) error {
	if err := s.Begin(ctx); err != nil {
		return err
	}
	_, err := s.conn.ExecContext(ctx, query, args...)
	return s.wrap(ctx, doing, err)
}

// Query runs a statement and gives its rows, which the caller closes.
func (s *Session) Query(ctx context.Context, doing, query string, args ...any) (*Rows, error) {
	if err := s.Begin(ctx); err != nil {
		return nil, err
	}
	rows, err := s.conn.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, s.wrap(ctx, doing, err)
	}
	return &Rows{Rows: rows, s: s, ctx: ctx, doing: doing}, nil
}

// QueryRow runs a statement that gives exactly one row and scans it.
func (s *Session) QueryRow(ctx context.Context, doing, query string, dest ...any) error {
	if err := s.Begin(ctx); err != nil {
		return err
	}
	return s.wrap(ctx, doing, s.conn.QueryRowContext(ctx, query).Scan(dest...))
}

// Each runs a statement and calls fn for every row, with the row's scan.
func (s *Session) Each(ctx context.Context, doing, query string, fn func(scan func(...any) error) error) error {
	rows, err := s.Query(ctx, doing, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := fn(rows.Scan); err != nil {
			return fmt.Errorf("%s: %w", doing, err)
		}
	}
	return rows.Err()
}

// CheckSelect reports a Problem unless the text is exactly one SELECT
// statement (FROM, VALUES, WITH … SELECT and TABLE count). It is the gate for
// SQL written in a catalog: inside its folders a locked DuckDB still writes.
func (s *Session) CheckSelect(ctx context.Context, text string) error {
	if strings.Contains(text, "\x00") {
		return NewProblem(NotOneSelect, "the SQL of a source holds a NUL character").WithHelp("remove it")
	}
	var out string
	const doing = "check the SQL of a source"
	if err := s.QueryRow(ctx, doing, "SELECT json_serialize_sql("+QuoteText(text)+")::VARCHAR", &out); err != nil {
		return err
	}
	var tree struct {
		Error      bool   `json:"error"`
		Message    string `json:"error_message"`
		Kind       string `json:"error_type"`
		Statements []any  `json:"statements"`
	}
	if err := json.Unmarshal([]byte(out), &tree); err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	switch {
	case tree.Error && tree.Kind == "parser":
		return NewProblem(NotOneSelect, "the SQL of a source cannot be parsed: %s", tree.Message).
			WithHelp("write one SELECT statement in DuckDB's SQL")
	case tree.Error || len(tree.Statements) != 1:
		return NewProblem(NotOneSelect, "the SQL of a source must be one SELECT statement").
			WithHelp("a source only reads: write one SELECT, without COPY, ATTACH, SET, PIVOT or a second statement")
	}
	return nil
}
