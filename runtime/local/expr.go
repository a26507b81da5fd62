package local

import (
	"fmt"
	"reflect"
	"strconv"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/vm"

	"github.com/segql/segql/compiler/program"
)

// exprForm is the expr programs of the segments, over a record with a field
// for each feature. The record is passed by value: expr reads the fields of
// one that it cannot change where they are, and copies those of a pointer.
type exprForm struct {
	program  *program.Program
	programs []*vm.Program
	record   reflect.Type
	fields   []field
}

// field is where a feature is in the record.
type field struct{ value, known int }

var kinds = map[program.FeatureKind]reflect.Type{
	program.IntFeature: reflect.TypeFor[int](), program.TextFeature: reflect.TypeFor[string](),
	program.FloatFeature: reflect.TypeFor[float64](), program.BoolFeature: reflect.TypeFor[bool](),
}

func newExprForm(p *program.Program) (*exprForm, error) {
	if strconv.IntSize < 64 {
		return nil, fmt.Errorf("expr programs need ints of 64 bits; use closures")
	}
	e := &exprForm{program: p}
	var fields []reflect.StructField
	for i, f := range p.Features {
		at := field{len(fields), -1}
		fields = append(fields, reflect.StructField{Name: p.Name(i), Type: kinds[f.Kind]})
		if f.Optional {
			at.known = len(fields)
			fields = append(fields, reflect.StructField{Name: p.KnownName(i), Type: reflect.TypeFor[bool]()})
		}
		e.fields = append(e.fields, at)
	}
	e.record = reflect.StructOf(fields)
	env := reflect.Zero(e.record).Interface()
	for _, s := range p.Segments {
		c, err := expr.Compile(s.Source, expr.Env(env), expr.AsBool(), expr.DisableAllBuiltins(), expr.MaxNodes(100_000))
		if err != nil {
			return nil, fmt.Errorf("compile the expr program of %s: %w", s.Name, err)
		}
		e.programs = append(e.programs, c)
	}
	return e, nil
}

// exprScratch is what one evaluation works in.
type exprScratch struct {
	vm     vm.VM
	record reflect.Value
	fields []reflect.Value // of the features
	known  []reflect.Value
	errs   []error
	failed bool // there is one
}

func (e *exprForm) scratch() *exprScratch {
	s := &exprScratch{record: reflect.New(e.record).Elem(), errs: make([]error, len(e.fields)),
		fields: make([]reflect.Value, len(e.fields)), known: make([]reflect.Value, len(e.fields))}
	for i, f := range e.fields {
		s.fields[i] = s.record.Field(f.value)
		if f.known >= 0 {
			s.known[i] = s.record.Field(f.known)
		}
	}
	return s
}

// features fills the record.
func (s *exprScratch) features(p *program.Program, f *program.Frame) any {
	s.failed = false
	for i, feature := range p.Features {
		known := true
		switch feature.Kind {
		case program.BoolFeature:
			s.fields[i].SetBool(f.Bool(i))
		case program.FloatFeature:
			var x float64
			x, known = f.Float(i)
			s.fields[i].SetFloat(x)
		case program.IntFeature:
			var n int64
			n, known = f.Int(i)
			if !known {
				n = 0
			}
			s.fields[i].SetInt(n)
		case program.TextFeature:
			var t string
			t, known = f.Text(i)
			s.fields[i].SetString(t)
		}
		if feature.Optional {
			s.known[i].SetBool(known)
		}
		if s.errs[i] = f.Err(); s.errs[i] != nil {
			s.failed = true
		}
	}
	return s.record.Interface()
}

func (e *exprForm) evaluate(s *scratch, at *program.Instant, set *Set, only []int) error {
	env := s.exprs.features(e.program, s.frame)
	if only == nil {
		only = set.evaluator.all
	}
	for _, i := range only {
		if !set.evaluator.answered[i] {
			continue
		}
		if !at.Valid(i) {
			set.put(i, false)
			continue
		}
		segment := e.program.Segments[i]
		if s.exprs.failed {
			for _, feature := range segment.Reads() {
				if err := s.exprs.errs[feature]; err != nil {
					return s.frame.Naming(i, err)
				}
			}
		}
		out, err := s.exprs.vm.Run(e.programs[i], env)
		if err != nil {
			return s.frame.Naming(i, err)
		}
		set.put(i, out.(bool))
	}
	return nil
}
