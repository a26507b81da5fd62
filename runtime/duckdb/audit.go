package duckdb

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/plan"
	"github.com/segql/segql/compiler/sql"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/lang/diag"
)

// Issue is a kind of row or value of a relation that could not be used.
type Issue struct {
	Code     diag.Code
	What     string
	Count    int64
	Examples []string
	Help     string
}

// Paths are the files a relation was read from, absolute; none for tables.
func (e *Engine) Paths(r *Relation) []string {
	if r == nil {
		return nil
	}
	return r.paths
}

// Audit finds what of a planned relation could not be used: rows that could
// not be read, values that do not fit, rows without key, owner or time, and
// facts of owners nobody knows. The plan must have been executed.
func (e *Engine) Audit(ctx context.Context, p *plan.Plan, t *plan.Table) ([]Issue, error) {
	var issues []Issue
	rel := e.relations[t.Rel.Source]
	if t.Rel.Source != nil && rel != nil {
		var err error
		if issues, err = e.AuditSource(ctx, p, t); err != nil {
			return nil, err
		}
	}
	lost, err := e.lost(ctx, p, t)
	return append(issues, lost...), err
}

// AuditSource is the part of Audit that needs only the source, not the rows
// that were computed.
func (e *Engine) AuditSource(ctx context.Context, p *plan.Plan, t *plan.Table) ([]Issue, error) {
	var issues []Issue
	rel := e.relations[t.Rel.Source]
	broken, err := e.Broken(ctx, rel)
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(t.Rel.Columns, func(c *ir.ColumnDef) bool { return c.PII }) {
		broken = broken.Hide()
	}
	if problem := broken.Problem(rel.Source); problem != nil {
		issues = append(issues, Issue{Code: problem.Code, What: problem.Message, Count: int64(broken.Count), Help: problem.Help})
	}
	misfits, err := e.misfits(ctx, p, t, rel)
	return append(issues, misfits...), err
}

// widens reports whether every value of an engine's type fits: whole numbers
// of fewer bits, and decimals of fewer digits.
func widens(engine string, t value.Type) bool {
	var digits, scale int
	switch {
	case t.Kind == value.Int:
		return slices.Contains([]string{"TINYINT", "SMALLINT", "INTEGER", "UTINYINT", "USMALLINT", "UINTEGER"}, engine)
	case t.Kind == value.Decimal:
		n, err := fmt.Sscanf(engine, "DECIMAL(%d,%d)", &digits, &scale)
		return n == 2 && err == nil && scale <= t.Scale && digits-scale <= t.Prec-t.Scale
	default:
		return false
	}
}

// conversions are those of the columns whose type is not the source's own,
// beside the columns.
func (e *Engine) conversions(p *ir.Project, rel *Relation, columns []*ir.ColumnDef) (out []Conversion, of []*ir.ColumnDef) {
	pr := &printed{engine: e, zone: p.Zone}
	for _, c := range columns {
		col, ok := rel.Column(c.Raw)
		same := col.EngineType == sqlType(c.Type) && c.Type.Kind != value.Version // which is kept as text
		if !ok || c.Raw == "" || same || widens(col.EngineType, c.Type) || c.Type.Kind == value.Text {
			continue
		}
		out, of = append(out, Conversion{Column: col, To: c.Type, Options: pr.options(c), Hidden: c.PII}), append(of, c)
	}
	return out, of
}

// WrongColumns reports the columns of which no value fits the type that the
// catalog declares. It reads every source whose types are not its own.
func (e *Engine) WrongColumns(ctx context.Context, p *ir.Project) (diag.List, error) {
	var diags diag.List
	for _, r := range p.Relations {
		rel := e.relations[r.Source]
		if r.Source == nil || rel == nil {
			continue
		}
		conversions, columns := e.conversions(p, rel, r.Columns)
		quality, err := e.knownQuality(ctx, rel, conversions)
		if err != nil {
			return nil, err
		}
		for i, q := range quality {
			if q.Wrong() {
				diags = append(diags, q.WrongColumn(r, columns[i]))
			}
		}
	}
	return diags, nil
}

// WrongColumn is the diagnostic of a column of which no value fits.
func (q Quality) WrongColumn(r *ir.Relation, c *ir.ColumnDef) diag.Diagnostic {
	return diag.Diagnostic{Severity: diag.Error, Code: "SEG1030", Span: c.At,
		Message: fmt.Sprintf("no value of column %s of %s can be read as %s", q.Column, r.Name, c.Type),
		Help:    q.wrongHelp()}
}

// Wrong reports whether not one known value fits.
func (q Quality) Wrong() bool { return q.Known > 0 && q.Misfits == q.Known }

// misfits checks the columns in use whose declared type is not the source's.
func (e *Engine) misfits(ctx context.Context, p *plan.Plan, t *plan.Table, rel *Relation) ([]Issue, error) {
	conversions, _ := e.conversions(p.Project, rel, t.Used)
	if len(conversions) == 0 {
		return nil, nil
	}
	quality, err := e.Quality(ctx, rel, conversions)
	if err != nil {
		return nil, err
	}
	types := make([]value.Type, len(conversions))
	for i, c := range conversions {
		types[i] = c.To
	}
	return MisfitIssues(rel.Source, quality, types)
}

// MisfitIssues are the issues of columns, each with its declared type; a
// column of which nothing fits is an error.
func MisfitIssues(src Source, quality []Quality, types []value.Type) ([]Issue, error) {
	var issues []Issue
	for i, q := range quality {
		if q.Wrong() {
			return nil, NewProblem(Misfits, "no value of column %s can be read as %s", q.Column, types[i]).In(src.Path, nil).
				WithHelp("%s", q.wrongHelp())
		}
		if problem := q.Problem(src, types[i]); problem != nil {
			issues = append(issues, Issue{Code: problem.Code, What: problem.Message, Count: q.Misfits, Examples: q.Examples, Help: problem.Help})
		}
	}
	return issues, nil
}

// lostWords say, of one and of many, what became of rows or values.
var lostWords = map[sql.Lost]struct{ noun, one, many, help string }{
	sql.NoKey:        {"row", "of %s has no key and is left out", "of %s have no key and are left out", "give every row a key, or filter them with `where:`"},
	sql.NoOwner:      {"row", "of %s belongs to nobody and is left out", "of %s belong to nobody and are left out", "rows without an owner count for no one; filter them with `where:` if that is meant"},
	sql.NoTime:       {"row", "of %s has no time and is left out", "of %s have no time and are left out", "correct the data, or filter them with `where:`"},
	sql.UnknownOwner: {"row", "of %s belongs to somebody unknown and is left out", "of %s belong to somebody unknown and are left out", "add the missing rows to the entity, or declare it with `universe:`"},
	sql.OutOfRange:   {"value", "of %s is outside what the catalog declares and counts as missing", "of %s are outside what the catalog declares and count as missing", "correct the data, or declare the values in the catalog"},
	sql.NoGroup:      {"row", "has no key to group %s by and is left out", "have no key to group %s by and are left out", "filter them with `where:` if that is meant"},
}

// lostText is the sentence about n rows or values of a relation.
func lostText(kind sql.Lost, n int64, name string) string {
	w := lostWords[kind]
	if n == 1 {
		return "1 " + w.noun + " " + fmt.Sprintf(w.one, name)
	}
	return grouped(n) + " " + w.noun + "s " + fmt.Sprintf(w.many, name)
}

// grouped writes a number with commas between its thousands.
func grouped(n int64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func (e *Engine) lost(ctx context.Context, p *plan.Plan, t *plan.Table) ([]Issue, error) {
	if may, err := e.mayLose(ctx, p, t); err != nil || !may {
		return nil, err
	}
	query, kinds := sql.Audit(p, sql.DuckDB, &printed{engine: e, zone: p.Project.Zone}, t)
	return LostRows(t, kinds, func(dest ...any) error {
		return e.QueryRow(ctx, "check the rows of "+t.Rel.Name, query, dest...)
	})
}

// mayLose reports whether an audit could count anything. Most data is sound,
// and to see that costs less than to count: columns are often known to be
// complete without being read, and owners are looked up in the numbers that
// their rows have anyway.
func (e *Engine) mayLose(ctx context.Context, p *plan.Plan, t *plan.Table) (bool, error) {
	if e.last == nil || e.last.plan != p || t.Rel.Source == nil || t.Owned {
		return true, nil
	}
	found := errors.New("there is one")
	for _, query := range sql.Probes(p, sql.DuckDB, &printed{engine: e, zone: p.Project.Zone}, t) {
		err := e.Stream(ctx, "check the rows of "+t.Rel.Name, query, func(c *Chunk) error {
			if c.Rows > 0 {
				return found
			}
			return nil
		})
		if err != nil {
			return errors.Is(err, found), notWhat(err, found)
		}
	}
	if !ir.OwnedApart(t.Rel) {
		return false, nil
	}
	n, err := e.last.unknownOwners(ctx, t)
	return n > 0, err
}

func notWhat(err, what error) error {
	if errors.Is(err, what) {
		return nil
	}
	return err
}

// LostRows reads the row of an audit (sql.Audit), for every kind a count and
// a list of examples in JSON.
func LostRows(t *plan.Table, kinds []sql.Counted, row func(dest ...any) error) ([]Issue, error) {
	if len(kinds) == 0 {
		return nil, nil
	}
	counts := make([]int64, len(kinds))
	lists := make([]string, len(kinds))
	var dest []any
	for i := range kinds {
		dest = append(dest, &counts[i], &lists[i])
	}
	if err := row(dest...); err != nil {
		return nil, err
	}
	var issues []Issue
	for i, kind := range kinds {
		if counts[i] == 0 {
			continue
		}
		name := t.Rel.Name
		if kind.Column != "" {
			name = kind.Column + " in " + name
		}
		issue := Issue{Code: CodeLostRows, What: lostText(kind.Lost, counts[i], name), Count: counts[i], Help: lostWords[kind.Lost].help}
		var examples []string
		if err := json.Unmarshal([]byte(lists[i]), &examples); err != nil {
			return nil, fmt.Errorf("check the rows of %s: %w", t.Rel.Name, err)
		}
		for _, x := range examples {
			if x != "" {
				issue.Examples = append(issue.Examples, x)
			}
		}
		issues = append(issues, issue)
	}
	return issues, nil
}

// Examples fits sql.Sources: up to three distinct texts, the smallest.
func (p *printed) Examples(x, filter string) string {
	return "coalesce(CAST(to_json(list_slice(list_sort(list_distinct(min(" + x + ", 20)" + filter + ")), 1, 3)) AS VARCHAR), '[]')"
}
