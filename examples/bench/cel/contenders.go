package main

import (
	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"

	"github.com/segql/segql/compiler/program"
	"github.com/segql/segql/runtime/local"
)

// celFeatures gives cel-go the features that the expr programs read, computed
// by the same pass; the programs' texts are the same too, for CEL spells
// these conditions alike. Values are cel's own, so that it need not convert.
func celFeatures(w *world) (contender, error) {
	e, err := local.New(w.project, local.Options{})
	if err != nil {
		return contender{}, err
	}
	p := e.Program
	kinds := map[program.FeatureKind]*cel.Type{program.IntFeature: cel.IntType, program.TextFeature: cel.StringType, program.FloatFeature: cel.DoubleType, program.BoolFeature: cel.BoolType}
	var options []cel.EnvOption
	for i, f := range p.Features {
		options = append(options, cel.Variable(p.Name(i), kinds[f.Kind]))
		if f.Optional {
			options = append(options, cel.Variable(p.KnownName(i), cel.BoolType))
		}
	}
	env, err := cel.NewEnv(options...)
	if err != nil {
		return contender{}, err
	}
	var programs []cel.Program
	for _, s := range p.Segments {
		ast, issues := env.Compile(s.Source)
		if issues.Err() != nil {
			return contender{}, issues.Err()
		}
		one, err := env.Program(ast, cel.EvalOptions(cel.OptOptimize))
		if err != nil {
			return contender{}, err
		}
		programs = append(programs, one)
	}
	features := featurePass(w, e)
	return contender{"cel features", func(i int) (out [2]uint64) {
		vars, err := cel.NewActivation(features(i))
		if err != nil {
			panic(err)
		}
		for k, one := range programs {
			v, _, err := one.Eval(vars)
			if err != nil {
				panic(err)
			}
			if v == types.True {
				out[k>>6] |= 1 << (uint(k) & 63)
			}
		}
		return out
	}}, nil
}

// featurePass computes the features of a customer into a map that is used
// again for the next.
func featurePass(w *world, e *local.Evaluator) func(customer int) map[string]any {
	p := e.Program
	all := w.load(e)
	at := p.At(asOf, nil)
	f := p.Frame()
	vars := map[string]any{}
	names, knowns := make([]string, len(p.Features)), make([]string, len(p.Features))
	for i := range p.Features {
		names[i], knowns[i] = p.Name(i), p.KnownName(i)
	}
	return func(customer int) map[string]any {
		if err := all[customer].Begin(f, at); err != nil {
			panic(err)
		}
		for i, feature := range p.Features {
			known := true
			switch feature.Kind {
			case program.BoolFeature:
				vars[names[i]] = types.Bool(f.Bool(i))
			case program.FloatFeature:
				var x float64
				x, known = f.Float(i)
				vars[names[i]] = types.Double(x)
			case program.IntFeature:
				var n int64
				n, known = f.Int(i)
				vars[names[i]] = types.Int(n)
			case program.TextFeature:
				var t string
				t, known = f.Text(i)
				vars[names[i]] = types.String(t)
			}
			if feature.Optional {
				vars[knowns[i]] = types.Bool(known)
			}
		}
		return vars
	}
}

// tally is what the hand-written form gathers in one pass over the facts.
type tally struct {
	orders, spent    int64
	count, sum, most [3]int64 // by status
	visits           int64
	page             [3]int64
}

func index(names []string, name string) int {
	for i, n := range names {
		if n == name {
			return i
		}
	}
	return -1
}

// byHand is the rules in plain Go: one pass over the facts for each window,
// then the conditions.
func byHand(w *world) (contender, error) {
	return contender{"by hand", func(i int) (out [2]uint64) {
		c := &w.customers[i]
		var t [5]tally
		for j := range c.orders {
			o := &c.orders[j]
			st := index(statuses, o.status)
			for k, d := range windows {
				if o.at < asOf-int64(d)*day {
					continue
				}
				t[k].orders++
				t[k].spent += o.amount
				t[k].count[st]++
				t[k].sum[st] += o.amount
				t[k].most[st] = max(t[k].most[st], o.amount+1) // 0: none
			}
		}
		for j := range c.visits {
			v := &c.visits[j]
			pg := index(pages, v.page)
			for k, d := range windows {
				if v.at >= asOf-int64(d)*day {
					t[k].visits++
					t[k].page[pg]++
				}
			}
		}
		for i := range 10 {
			a, b := &t[i%5], &t[(i+2)%5]
			short, long := a, b
			if windows[i%5] > windows[(i+2)%5] {
				short, long = b, a
			}
			n := int64(i)
			for kind, in := range [10]bool{
				c.gender == [2]string{"female", "male"}[i%2] && c.points >= 100*n,
				(c.city == cities[i%4] || c.city == cities[(i+1)%4]) && c.income >= 100*(5_000_000+1_000_000*n),
				a.count[0] >= 1+n/2,
				c.city == cities[i%4] && a.sum[0] >= 100*200_000*(1+n),
				short.orders == 0 && long.orders > 0,
				a.page[i%3] >= 1+n/3 && c.gender == "female",
				a.most[0]-1 > 100*(150_000+20_000*n),
				a.orders > 0 && float64(a.spent)/float64(100*a.orders) >= float64(80_000+5_000*n),
				c.tier == tiers[i%3] || a.visits >= 3+n,
				a.count[1] <= 1 && b.spent >= 100*300_000*n,
			} {
				if in {
					at := 10*i + kind
					out[at>>6] |= 1 << (uint(at) & 63)
				}
			}
		}
		return out
	}}, nil
}
