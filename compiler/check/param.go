package check

import (
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/source"
	"github.com/segql/segql/lang/syntax"
)

type paramDecl struct {
	decl    *ast.Param
	value   *ir.Const
	percent bool
}

// declareParam reads the literal of a param, or its override.
func (c *checker) declareParam(d *ast.Param) bool {
	v, percent := c.paramValue(d.Value)
	if v == nil {
		return false
	}
	p := &paramDecl{decl: d, value: v, percent: percent}
	if text, ok := c.in.Set[d.Name.Name]; ok {
		c.override(p, text)
	}
	c.params[d.Name.Name] = p
	return true
}

// paramValue reads the one literal that a param is; nil after an error.
func (c *checker) paramValue(e ast.Expr) (*ir.Const, bool) {
	whole, negative := e, false
	if n, ok := e.(*ast.Neg); ok {
		e, negative = n.X, true
	}
	var k *ir.Const
	percent := false
	switch e := e.(type) {
	case nil:
		return nil, false // a syntax error
	case *ast.Bool, *ast.Date, *ast.Text, *ast.Time:
		if k = c.literal(e); k == nil {
			return nil, false
		}
	case *ast.Duration:
		if !e.Ago && e.Name == nil {
			v, ok := c.durationValue(e)
			if !ok {
				return nil, false
			}
			k = &ir.Const{Loc: loc(e), V: v, T: value.Of(value.Duration)}
		}
	case *ast.Number:
		if k, percent = c.number(e), e.Percent; k == nil {
			return nil, false
		}
	default: // reported below
	}
	if k == nil || negative && !k.T.Numeric() {
		c.diags.Errorf(badParam, whole.Span(), "a param is one literal").
			Help = `as in: param min_spend = 5_000_000, param city = "Huế", param lookback = 90 days`
		return nil, false
	}
	if negative {
		k.V, _ = value.Neg(k.V)
	}
	return k, percent
}

// override puts a value given from outside in the place of the declared one.
func (c *checker) override(p *paramDecl, text string) {
	name := p.decl.Name.Name
	file := source.New("--set "+name, text)
	e, diags := syntax.ParseExpr(file, 0, len(text))
	if diags.HasErrors() || e == nil {
		// A bare word is text when text is what the param holds.
		if p.value.T.Kind != value.Text {
			c.diags.Errorf(badParam, source.Span{File: file, End: len(text)}, "%q is not a value for %s", text, name).
				Help = "give a literal of the same kind as in the definition, " + p.decl.Value.Span().Text()
			return
		}
	}
	if p.value.T.Kind == value.Text {
		if t, ok := e.(*ast.Text); ok {
			text = t.Value
		}
		p.value = &ir.Const{Loc: p.value.Loc, V: value.NewText(text), T: p.value.T}
		return
	}
	k, percent := c.paramValue(e)
	if k == nil {
		return
	}
	if k.T.Kind != p.value.T.Kind && !(k.T.Numeric() && p.value.T.Numeric()) || percent != p.percent {
		c.diags.Errorf(badParam, source.Span{File: file, End: len(text)}, "%s is %s, the param %s holds %s", text, article(k.T), name, article(p.value.T)).
			Help = "give a literal of the same kind as in the definition, " + p.decl.Value.Span().Text()
		return
	}
	p.value = k
}

// checkSet refuses overrides of params that do not exist.
func (c *checker) checkSet() {
	for _, name := range sortedKeys(c.in.Set) {
		if c.params[name] != nil || c.lost[lostName{nil, name}] {
			continue
		}
		file := source.New("--set "+name, c.in.Set[name])
		d := c.diags.Errorf(badParam, source.Span{File: file, End: len(file.Text)}, "there is no param %q to set", name)
		if d.Help = didYouMean(name, sortedKeys(c.params)); d.Help == "" {
			d.Help = "params: " + listNames(sortedKeys(c.params))
			if len(c.params) == 0 {
				d.Help = "the project has no params"
			}
		}
	}
}
