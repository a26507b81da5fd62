package ir

import "github.com/segql/segql/compiler/value"

// Start is EvalInput without any segment evaluated yet: what is asked of the
// result is worked out then.
func Start(p *Project, asOf int64, in Input) *Result { return &Result{newEvaluation(p, asOf, in)} }

// Values evaluates expressions of the scope of a relation at each of its rows
// that count, in the order of the data: one list for each row. The error is
// that of EvalInput.
func (r *Result) Values(rel *Relation, xs []Expr) (rows [][]value.Value, err error) {
	err = r.e.try(func() {
		for _, at := range r.e.rowsOf(rel) {
			vals := make([]value.Value, len(xs))
			for i, x := range xs {
				vals[i] = r.e.value(at, x)
			}
			rows = append(rows, vals)
		}
	})
	return rows, err
}
