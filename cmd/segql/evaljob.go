package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	goruntime "runtime"
	"sync"

	"github.com/segql/segql/compiler/program"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/runtime/duckdb"
	"github.com/segql/segql/runtime/local"
)

// evalJob evaluates a stream of documents on all cores and answers in their
// order. As many documents are in memory as there are cores, a few times over.
type evalJob struct {
	evaluator *local.Evaluator
	asOf      int64
	name      string
	failFast  bool
}

// answer is what became of one document.
type answer struct {
	line     int
	customer string
	exists   bool
	segments []string
	misfits  []local.Misfit
	err      error
	done     chan struct{}
	document []byte
}

func (j *evalJob) run(ctx context.Context, in io.Reader, w *evalWriter) error {
	interrupted := ctx
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	workers := goruntime.GOMAXPROCS(0)
	work, order := make(chan *answer, workers), make(chan *answer, 4*workers)
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			c := j.evaluator.Customer()
			for a := range work {
				j.evaluate(c, a)
				close(a.done)
			}
		})
	}
	var readErr error
	go func() {
		defer close(order)
		defer close(work)
		readErr = documents(in, func(line int, doc []byte, err error) bool {
			a := &answer{line: line, document: doc, err: err, done: make(chan struct{})}
			if err != nil {
				close(a.done)
			} else {
				select {
				case work <- a:
				case <-ctx.Done():
					return false
				}
			}
			select {
			case order <- a:
				return true
			case <-ctx.Done():
				return false
			}
		})
	}()
	failed := j.write(order, w, stop)
	wg.Wait()
	if err := interrupted.Err(); err != nil {
		return err
	}
	if err := w.end(); err != nil {
		return err
	}
	if readErr != nil {
		return duckdb.NewProblem(duckdb.Unreadable, "%s cannot be read: %s", inputName(j.name), reason(readErr)).WithHelp("what was read until then is answered")
	}
	if failed > 0 {
		return &failure{exitEnvironment}
	}
	return nil
}

// write writes the answers in order and counts those that failed.
func (j *evalJob) write(order <-chan *answer, w *evalWriter, stop func()) (failed int) {
	for a := range order {
		<-a.done
		if w.failed != nil || failed > 0 && j.failFast {
			continue // only to let the others end
		}
		if a.err != nil {
			failed++
			w.app.sayFailed(j.name, a, failed)
			if j.failFast {
				stop()
			}
		}
		if w.write(a); w.failed != nil {
			stop()
		}
	}
	if failed > maxTold {
		fmt.Fprintf(w.app.err, "%d customers could not be evaluated\n", failed)
	}
	return failed
}

// evaluate reads one document and evaluates it; what panics is a bug, told
// with the document's line.
func (j *evalJob) evaluate(c *local.Customer, a *answer) {
	defer func() {
		if r := recover(); r != nil {
			a.err = fmt.Errorf("internal error: %v", r)
		}
	}()
	a.err = c.Decode(a.document, func(m local.Misfit) { a.misfits = append(a.misfits, m) })
	a.document = nil
	if a.err != nil {
		return
	}
	a.customer = value.Key(c.Key())
	set, err := j.evaluator.Segments(j.asOf, c)
	a.segments, a.exists, a.err = set.Names(), set.Exists(), err
}

// maxDocument is the longest document; a longer one is taken for one that
// does not end.
const maxDocument = 64 << 20

var errTooLong = fmt.Errorf("the object does not end within %d MB", maxDocument>>20)

// documents cuts a stream into JSON values and gives each with the line that
// it begins on. A line that begins with a brace begins a new one, so that one
// broken line does not swallow those after it.
func documents(in io.Reader, take func(line int, doc []byte, err error) bool) error {
	r := bufio.NewReaderSize(in, 1<<20)
	c := cutter{line: 1, start: 1}
	for {
		part, err := r.ReadSlice('\n')
		if len(part) > 0 && !c.feed(part, take) {
			return nil
		}
		switch {
		case errors.Is(err, io.EOF):
			c.flush(take)
			return nil
		case err != nil && !errors.Is(err, bufio.ErrBufferFull):
			c.flush(take)
			return err
		}
	}
}

// cutter gathers one document.
type cutter struct {
	doc         []byte
	line, start int
	depth       int
	inText, esc bool
	midLine     bool // the last part did not end its line
	skipping    bool // a document that is too long
}

// feed takes a line, or a part of a long one.
func (c *cutter) feed(part []byte, take func(line int, doc []byte, err error) bool) bool {
	fresh := !c.midLine && part[0] == '{' && c.depth > 0
	if fresh && !c.flush(take) {
		return false
	}
	for _, b := range part {
		switch {
		case c.esc:
			c.esc = false
		case c.inText && b == '\\':
			c.esc = true
		case b == '"':
			c.inText = !c.inText
		case c.inText:
		case b == '{' || b == '[':
			c.depth++
		case b == '}' || b == ']':
			c.depth--
		}
	}
	c.midLine = part[len(part)-1] != '\n'
	if c.blank() && blank(part) {
		c.doc = c.doc[:0]
	} else {
		if len(c.doc) == 0 {
			c.start = c.line
		}
		c.doc = append(c.doc, part...)
	}
	if !c.midLine {
		c.line++
		c.esc = false
	}
	if len(c.doc) > maxDocument {
		c.skipping = true
	}
	if c.midLine || c.depth > 0 {
		return true
	}
	return c.flush(take)
}

func (c *cutter) blank() bool { return len(c.doc) == 0 }

func blank(part []byte) bool {
	for _, b := range part {
		if b != ' ' && b != '\t' && b != '\n' && b != '\r' {
			return false
		}
	}
	return true
}

// flush hands over what was gathered.
func (c *cutter) flush(take func(line int, doc []byte, err error) bool) bool {
	doc, skipped := c.doc, c.skipping
	c.doc, c.depth, c.inText, c.esc, c.skipping = nil, 0, false, false, false
	switch {
	case len(doc) == 0:
		return true
	case skipped:
		return take(c.start, nil, errTooLong)
	default:
		return take(c.start, bytes.TrimRight(doc, " \t\r\n"), nil)
	}
}

// maxTold is how many customers that failed are told one by one.
const maxTold = 20

func inputName(name string) string {
	if name == "-" {
		return "standard input"
	}
	return name
}

// sayFailed says why a customer could not be evaluated.
func (a *app) sayFailed(name string, ans *answer, n int) {
	if n > maxTold {
		return
	}
	var doc *local.DocumentError
	d := diag.Diagnostic{Code: codeCustomer, Message: fmt.Sprintf("%s:%d: %v", inputName(name), ans.line, ans.err),
		Help: "correct the object; the customers after it are evaluated"}
	switch {
	case errors.As(ans.err, &doc):
		place := doc.Reason
		if doc.Path != "" {
			place = doc.Path + ": " + place
		}
		d.Message = fmt.Sprintf("%s:%d:%d: %s", inputName(name), ans.line+doc.Line-1, doc.Column, place)
		if doc.Help != "" {
			d.Help = doc.Help
		}
	case errors.Is(ans.err, value.ErrOverflow):
		d.Code, d.Help = duckdb.CodeOverflow, "the number does not fit 64 bits, or 38 digits: correct the data, or make the calculation smaller"
	case errors.Is(ans.err, program.ErrBudget):
		d.Code, d.Help = codeBudget, "make the segment look at fewer rows, by a window or a condition on what it follows"
	}
	a.say(d)
}
