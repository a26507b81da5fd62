package ir

import (
	"strings"

	"github.com/segql/segql/compiler/calendar"
	"github.com/segql/segql/compiler/fn"
	"github.com/segql/segql/compiler/text"
	"github.com/segql/segql/compiler/value"
)

// Scalar is the meaning of the nodes that look at nothing but their
// children: args are the values of Children(e), in order. The error is
// value.ErrOverflow. Nodes that look at rows are not scalar (ok false).
func Scalar(cal *calendar.Calendar, e Expr, args []value.Value) (v value.Value, ok bool, err error) {
	missing := false
	for _, a := range args {
		missing = missing || a.IsMissing()
	}
	switch e := e.(type) {
	case *Call:
		v, err = call(e, args, missing)
		return v, true, err
	case *Const:
		return e.V, true, nil
	case *Cmp:
		return value.NewBool(!missing && compare(cal, e.Op, args[0], args[1])), true, nil
	case *Has:
		return value.NewBool(!missing && hasElement(args[0], args[1])), true, nil
	case *InSet:
		return value.NewBool(!missing && contains(e.Set, args[0])), true, nil
	case *Known:
		return value.NewBool(missing == e.Missing), true, nil
	case *Match:
		return value.NewBool(!missing && e.Re.MatchString(args[0].S)), true, nil
	case *Sample:
		return value.NewBool(!missing && inSample(e, value.Key(args[0]))), true, nil
	case *TextMatch:
		return value.NewBool(!missing && textMatch(e.Op, args[0].S, args[1].S)), true, nil
	case *Truth:
		return value.NewBool(!missing && args[0].True()), true, nil
	case *Arith, *Convert, *Div, *Field, *Neg, *StartOf, *TimeAdd:
		if missing {
			return value.Value{}, true, nil
		}
		v, err = arith(cal, e, args)
		return v, true, err
	default:
		return value.Value{}, false, nil
	}
}

func call(e *Call, args []value.Value, missing bool) (value.Value, error) {
	if e.Fn == "age" && !missing {
		return value.NewInt(int64(calendar.Age(args[0].I, args[1].I))), nil
	}
	if e.Fn == "as" && !missing {
		fit, ok := value.Fit(args[0], e.T)
		if !ok {
			fit = value.Value{}
		}
		return fit, nil
	}
	f := fn.Lookup(e.Fn)
	if missing && (f == nil || !f.TakesMissing) {
		return value.Value{}, nil
	}
	return f.Eval(args)
}

func arith(cal *calendar.Calendar, e Expr, args []value.Value) (value.Value, error) {
	x := args[0]
	switch e := e.(type) {
	case *Arith:
		switch e.Op {
		case "+":
			return value.Add(x, args[1])
		case "-":
			return value.Sub(x, args[1])
		default:
			return value.Mul(x, args[1])
		}
	case *Convert:
		return convert(cal, x, e.T)
	case *Div:
		return value.Div(x, args[1]), nil
	case *Field:
		return field(e, x), nil
	case *Neg:
		return value.Neg(x)
	case *StartOf:
		return startOf(cal, x, e.Unit), nil
	default:
		add := e.(*TimeAdd)
		return timeAdd(cal, x, add.N, add.Unit), nil
	}
}

// convert widens a number, or reads a time in the kind it is compared with.
func convert(cal *calendar.Calendar, x value.Value, t value.Type) (value.Value, error) {
	switch {
	case x.Kind == t.Kind && t.Kind != value.Decimal:
		return x, nil
	case t.Kind == value.Time && x.Kind == value.Wall:
		return value.NewTime(cal.Instant(x.I)), nil
	case t.Kind == value.Time && x.Kind == value.Date:
		return value.NewTime(cal.StartOfDay(x.I)), nil
	case t.Kind == value.Wall && x.Kind == value.Time:
		return value.NewWall(cal.Wall(x.I)), nil
	case t.Kind == value.Wall && x.Kind == value.Date:
		return value.NewWall(calendar.DateWall(x.I)), nil
	default:
		return value.Widen(x, t)
	}
}

func field(e *Field, x value.Value) value.Value {
	if x.Kind == value.Record {
		return value.Value{}
	}
	return jsonField(x, e.Name)
}

func startOf(cal *calendar.Calendar, x value.Value, unit string) value.Value {
	u, _ := calendar.ParseUnit(unit)
	date := x.I
	switch x.Kind {
	case value.Time:
		date = cal.DateOf(x.I)
	case value.Wall:
		date = calendar.WallDate(x.I)
	}
	return value.NewDate(cal.StartOfDate(date, u))
}

func timeAdd(cal *calendar.Calendar, x value.Value, n int64, unit string) value.Value {
	u, _ := calendar.ParseUnit(unit)
	switch x.Kind {
	case value.Date:
		return value.NewDate(calendar.AddDate(x.I, n, u))
	case value.Wall:
		if u.Exact() { // an hour is an hour, also in the nights that lack one or have one twice
			return value.NewWall(cal.Wall(cal.Add(cal.Instant(x.I), n, u)))
		}
		return value.NewWall(cal.AddWall(x.I, n, u))
	default:
		return value.NewTime(cal.Add(x.I, n, u))
	}
}

// compare compares two known values; a date stands for its first instant
// where the other side is a time.
func compare(cal *calendar.Calendar, op string, a, b value.Value) bool {
	if a.Kind != b.Kind && value.Of(a.Kind).Temporal() && value.Of(b.Kind).Temporal() {
		to := value.Of(value.Time)
		if a.Kind != value.Time && b.Kind != value.Time {
			to = value.Of(value.Wall)
		}
		a, _ = convert(cal, a, to)
		b, _ = convert(cal, b, to)
	}
	if op == "=" || op == "!=" {
		return value.Equal(a, b) == (op == "=")
	}
	c := value.Compare(a, b)
	switch op {
	case "<":
		return c < 0
	case "<=":
		return c <= 0
	case ">":
		return c > 0
	default:
		return c >= 0
	}
}

func contains(s *Set, v value.Value) bool {
	for _, x := range s.Values {
		if value.Equal(x, v) {
			return true
		}
	}
	return false
}

func textMatch(op, x, y string) bool {
	switch op {
	case "contains":
		return strings.Contains(x, y)
	case "ends":
		return strings.HasSuffix(x, y)
	case "fold=":
		return text.Fold(x) == text.Fold(y)
	case "foldcontains":
		return strings.Contains(text.Fold(x), text.Fold(y))
	case "starts":
		return strings.HasPrefix(x, y)
	default:
		panic("ir: text match " + op)
	}
}

// inSample: the key's hash lies in [From, Share) of all hashes.
func inSample(e *Sample, key string) bool {
	return value.InSample(e.Share, e.Salt, key) && (e.From.IsMissing() || !value.InSample(e.From, e.Salt, key))
}

func hasElement(list, x value.Value) bool {
	for _, item := range list.L {
		if value.Equal(item, x) {
			return true
		}
	}
	return false
}
