// Package segtest runs tests of segments: every test in process, by the
// evaluator that says what the language means, and in DuckDB, which computes
// runs. A test passes when its expectations hold and the two agree.
//
//	report, err := segtest.Run(ctx, project.Tests, segtest.Options{Now: time.Now})
//
// In DuckDB the rows of many tests are computed together, under keys of their
// own, wherever that cannot change an answer (batch.go).
package segtest

import (
	"context"
	"regexp"
	"time"

	"github.com/segql/segql/compiler/testform"
	"github.com/segql/segql/compiler/trial"
)

// Options of Run.
type Options struct {
	// Match picks tests by their names; nil: all.
	Match *regexp.Regexp
	// InProcess leaves DuckDB out.
	InProcess bool
	// Now is the caller's clock, which the times of the report are of.
	Now func() time.Time
	// Progress is told how many tests are done; it may be nil.
	Progress func(doing string, done, total int)
}

// Report is what became of the tests, in the order in which they were given.
type Report struct {
	Results []*Result
	// Skipped counts the tests that Options.Match does not name.
	Skipped int
	// InProcess and InDuckDB are how long the two took.
	InProcess, InDuckDB time.Duration
}

// Result is one test.
type Result struct {
	Case     *testform.Case
	Answers  *trial.Answers
	Failures []*trial.Failure
	// Elapsed in process; in DuckDB tests share their time.
	Elapsed time.Duration
}

// Passed reports whether all that was expected holds.
func (r *Result) Passed() bool { return len(r.Failures) == 0 }

// Failed counts the tests that did not pass.
func (r *Report) Failed() (n int) {
	for _, res := range r.Results {
		if !res.Passed() {
			n++
		}
	}
	return n
}

// Names of the two engines, as failures have them.
var names = [2]string{"the evaluator", "DuckDB"}

// Run runs tests. The error is about the environment; that a test does not
// pass is in the report.
func Run(ctx context.Context, cases []*testform.Case, o Options) (*Report, error) {
	report := &Report{}
	began := o.Now()
	for _, k := range cases {
		if o.Match != nil && !o.Match.MatchString(k.Name.Text) {
			report.Skipped++
			continue
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		report.Results = append(report.Results, inProcess(k, o.Now))
	}
	ended := o.Now()
	report.InProcess = ended.Sub(began)
	if o.InProcess || len(report.Results) == 0 {
		return report, nil
	}
	if err := inDuckDB(ctx, report.Results, o.Progress); err != nil {
		return nil, err
	}
	report.InDuckDB = o.Now().Sub(ended)
	return report, nil
}

func inProcess(k *testform.Case, now func() time.Time) *Result {
	began := now()
	answers, err := trial.Evaluate(k)
	r := &Result{Case: k, Answers: answers, Failures: trial.Judge(k, answers)}
	trial.Explain(k, answers, r.Failures)
	if err != nil {
		at := k.Instants[len(answers.Instants)]
		r.Failures = append(r.Failures, &trial.Failure{Kind: trial.Stopped, Instant: len(answers.Instants), At: at.Step.AsOf.At,
			Message: "the test cannot be evaluated " + err.Error()})
	}
	r.Elapsed = now().Sub(began)
	return r
}
