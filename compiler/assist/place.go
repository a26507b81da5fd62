package assist

import (
	"slices"
	"strings"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/source"
	"github.com/segql/segql/lang/syntax"
)

// place is the text around an offset, read as far as it goes. It works on
// tokens, as there is no tree while a condition is being written.
type place struct {
	s      *State
	file   *source.File
	before []syntax.Token // of the declaration or scalar, up to the word being written
	after  []syntax.Token // behind it, to the end of the declaration or scalar
	word   syntax.Token   // being written; of no length where there is none
	inText bool           // inside of quotes
	kind   string         // of the declaration: segment, split, …; "" outside of one
	entity *ir.Relation   // that the declaration is about
	frames []frame        // open brackets, outermost first
}

// frame is an open bracket and what bare names mean inside.
type frame struct {
	open  string // ( [ {
	call  string // the word before it
	at    int    // of the bracket, in before
	outer *ir.Relation
	rel   *ir.Relation // of bare names at the end of before; nil: not known yet
	leaf  *ir.Relation // the rows the frame is about
	fact  bool         // a fact is being written, not yet its where
	steps map[string]*ir.Relation
}

// factCalls take a fact, aggregates a value of one.
var (
	factCalls  = []string{"any", "none", "all", "regularly", "count"}
	aggregates = []string{"count", "sum", "avg", "min", "max", "median", "mode", "first", "last", "percentile", "bucket"}
	declWords  = []string{"segment", "split", "holdout", "trait", "rfm", "list", "param"}
)

// placeAt looks at a .seg file.
func (s *State) placeAt(f *source.File, offset int) *place {
	start, end := declarationAround(f, offset)
	p := &place{s: s, file: f}
	p.tokens(start, end, offset)
	p.head()
	p.walk()
	return p
}

// declarationAround gives the part of a file between two lines that begin a
// declaration in column 0.
func declarationAround(f *source.File, offset int) (start, end int) {
	end = len(f.Text)
	for at := 0; at < len(f.Text); {
		line := f.Text[at:]
		if i := strings.IndexByte(line, '\n'); i >= 0 {
			line = line[:i]
		}
		word := line
		if i := strings.IndexAny(line, " \t\r{=:"); i >= 0 {
			word = line[:i]
		}
		if slices.Contains(declWords, word) {
			if at > offset {
				return start, at
			}
			start = at
		}
		at += len(line) + 1
	}
	return start, end
}

// tokens splits the tokens of a part of the file at the offset.
func (p *place) tokens(start, end, offset int) {
	toks, comments := syntax.Tokens(p.file, start, end)
	p.word = syntax.Token{Start: offset, End: offset}
	for _, c := range comments {
		if c.Loc.Start < offset && offset <= c.Loc.End {
			p.kind = "comment"
		}
	}
	for _, t := range toks {
		isWord := t.Kind == syntax.WordToken || t.Kind == syntax.QuotedToken
		switch {
		case t.End < offset, t.End == offset && !isWord && !p.openText(t):
			p.before = append(p.before, t)
		case t.Start < offset && t.Kind == syntax.TextToken, isWord && t.Start <= offset:
			p.word, p.inText = t, t.Kind == syntax.TextToken
		case t.Start < offset: // a number, an operator that the cursor splits
			p.before = append(p.before, t)
		default:
			p.after = append(p.after, t)
		}
	}
}

// openText reports a text whose quotes are not closed.
func (p *place) openText(t syntax.Token) bool {
	if t.Kind != syntax.TextToken {
		return false
	}
	text := p.file.Text[t.Start:t.End]
	return len(text) == 1 || !strings.HasSuffix(text, `"`) || strings.HasSuffix(text, `\"`)
}

// head finds out which entity the declaration is about.
func (p *place) head() {
	p.entity = p.s.defaultEntity()
	all := append(slices.Clone(p.before), p.after...)
	if p.kind == "comment" || len(all) == 0 || !all[0].Column0 || !slices.Contains(declWords, all[0].Text) {
		return
	}
	p.kind = all[0].Text
	if len(all) < 4 || all[2].Text != "of" {
		return
	}
	if all[3].Text == "segment" && p.kind != "segment" && p.kind != "trait" {
		ref, _ := path(all[4:])
		if seg := p.s.project.Segment(strings.Join(ref, ".")); seg != nil {
			p.entity = seg.Entity
		}
		return
	}
	if rel := p.s.project.Relation(all[3].Text); rel != nil && rel.Entity {
		p.entity = rel
	}
}

func (s *State) defaultEntity() *ir.Relation {
	for _, r := range s.project.Relations {
		if r.Entity {
			return r
		}
	}
	return &ir.Relation{Entity: true}
}

// path reads NAME{.NAME} at the beginning of tokens.
func path(toks []syntax.Token) (names []string, rest []syntax.Token) {
	for len(toks) > 0 && isName(toks[0]) {
		names = append(names, toks[0].Text)
		toks = toks[1:]
		if len(toks) == 0 || toks[0].Text != "." || toks[0].Kind != syntax.OperatorToken {
			break
		}
		toks = toks[1:]
	}
	return names, toks
}

func isName(t syntax.Token) bool {
	return t.Kind == syntax.QuotedToken || t.Kind == syntax.WordToken && !syntax.Reserved(t.Text)
}

// walk follows the brackets and the words that change what bare names mean.
func (p *place) walk() {
	p.frames = []frame{{rel: p.entity, outer: p.entity, leaf: p.entity, at: -1}}
	for i, t := range p.before {
		top := &p.frames[len(p.frames)-1]
		if t.Kind == syntax.OperatorToken {
			switch t.Text {
			case "(", "[", "{":
				p.push(i)
			case ")", "]", "}":
				if len(p.frames) > 1 {
					p.frames = p.frames[:len(p.frames)-1]
				}
			}
			continue
		}
		if t.Kind != syntax.WordToken || !top.fact && !(top.call != "" && t.Text == "of") {
			continue
		}
		switch t.Text {
		case "of":
			if !slices.Contains(aggregates, top.call) {
				continue
			}
			top.fact, top.rel = true, top.outer
			top.leaf = p.leafOf(top.outer, p.before[i+1:])
		case "where", "have":
			if top.leaf != nil {
				top.rel = top.leaf
			}
		case "by":
			top.rel = top.outer
			top.leaf = p.leafOf(top.outer, p.before[i+1:])
		case "as":
			if i+1 < len(p.before) && top.leaf != nil {
				if top.steps == nil {
					top.steps = map[string]*ir.Relation{}
				}
				top.steps[p.before[i+1].Text] = top.leaf
			}
		}
	}
}

// push opens a bracket.
func (p *place) push(i int) {
	top := p.frames[len(p.frames)-1]
	f := frame{open: p.before[i].Text, at: i, outer: top.rel, rel: top.rel, leaf: top.leaf, steps: top.steps}
	if f.open == "(" && i > 0 && p.before[i-1].Kind == syntax.WordToken && !syntax.Reserved(p.before[i-1].Text) {
		f.call = p.before[i-1].Text
	}
	rest := append(slices.Clone(p.before[i+1:]), p.after...)
	of, isAggregate := ofInside(rest)
	switch {
	case slices.Contains(aggregates, f.call) && isAggregate:
		f.rel = p.valueScope(top.rel, of)
	case slices.Contains(factCalls, f.call):
		f.fact, f.leaf = true, p.leafOf(top.rel, p.before[i+1:])
	case slices.Contains(aggregates, f.call) && f.call != "percentile" && f.call != "bucket":
		f.rel = nil // of which fact, is not written yet
	}
	p.frames = append(p.frames, f)
}

// ofInside finds what follows `of` before the bracket is closed.
func ofInside(toks []syntax.Token) (rest []syntax.Token, found bool) {
	depth := 0
	for i, t := range toks {
		switch {
		case t.Kind == syntax.OperatorToken && strings.Contains("([{", t.Text):
			depth++
		case t.Kind == syntax.OperatorToken && strings.Contains(")]}", t.Text):
			if depth--; depth < 0 {
				return nil, false
			}
		case depth == 0 && t.Kind == syntax.WordToken && t.Text == "of":
			return toks[i+1:], true
		case depth == 0 && t.Kind == syntax.WordToken && (t.Text == "where" || t.Text == "and" || t.Text == "or"):
			return nil, false
		}
	}
	return nil, false
}

// valueScope is what bare names mean in the VALUE of an aggregate.
func (p *place) valueScope(outer *ir.Relation, of []syntax.Token) *ir.Relation {
	if len(of) > 0 && (of[0].Text == "everyone" || of[0].Text == "segment") {
		return outer
	}
	return p.leafOf(outer, of)
}

// leafOf is where the path of a fact leads, nil if nowhere.
func (p *place) leafOf(rel *ir.Relation, toks []syntax.Token) *ir.Relation {
	if len(toks) > 0 && toks[0].Text == "distinct" {
		toks = toks[1:]
	}
	names, _ := path(toks)
	if rel == nil || len(names) == 0 {
		return nil
	}
	for i, name := range names {
		next := p.s.step(rel, name)
		if next == nil && i == len(names)-1 {
			next = elements(rel, name)
		}
		if next == nil {
			return nil
		}
		rel = next
	}
	return rel
}

// step is the relation that a lookup, a fact or a way back leads to.
func (s *State) step(rel *ir.Relation, name string) *ir.Relation {
	if l := rel.Lookup(name); l != nil {
		return l.To
	}
	if f := s.project.Relation(name); f != nil && !f.Entity && f.Owner != nil && f.Owner.To == rel {
		return f
	}
	if r := rel.Reverse(name); r != nil {
		return r.Lookup.From
	}
	return nil
}

// elements are the rows of a list attribute.
func elements(rel *ir.Relation, name string) *ir.Relation {
	col := rel.Column(name)
	if col == nil || col.Type.Kind != value.List || col.Type.Elem == nil {
		return nil
	}
	out := &ir.Relation{Name: name}
	if col.Type.Elem.Kind != value.Record {
		out.Columns = []*ir.ColumnDef{{Name: "item", Type: *col.Type.Elem}}
		return out
	}
	for _, f := range col.Type.Elem.Fields {
		out.Columns = append(out.Columns, &ir.ColumnDef{Name: f.Name, Type: f.Type})
	}
	return out
}

// top is the innermost open bracket.
func (p *place) top() *frame { return &p.frames[len(p.frames)-1] }

// prev is the token i places before the word being written; a token of no
// length where there is none.
func (p *place) prev(i int) syntax.Token {
	if i >= len(p.before) {
		return syntax.Token{}
	}
	return p.before[len(p.before)-1-i]
}

// typeOf is the type that a path stands for in rows of rel.
func (p *place) typeOf(rel *ir.Relation, names []string) (value.Type, bool) {
	for i, name := range names {
		if rel == nil {
			break
		}
		rest := strings.Join(names[i:], ".")
		if t := p.s.project.Traits[rest]; t != nil && t.Entity == rel {
			return t.X.Type(), true
		}
		col := rel.Column(name)
		switch {
		case col != nil && i == len(names)-1:
			return col.Type, true
		case col != nil:
			return partType(col.Type, names[i+1:])
		case name == "at" && !rel.Entity && rel.Time != nil:
			return rel.Time.Type, true
		case i == len(names)-1:
			return p.paramType(name)
		}
		if step := p.top().steps[name]; i == 0 && step != nil {
			rel = step
		} else {
			rel = p.s.step(rel, name)
		}
	}
	return value.Type{}, false
}

// paramType is the type of the literal that a param is.
func (p *place) paramType(name string) (value.Type, bool) {
	d, ok := p.s.decl(name).(*ast.Param)
	if !ok {
		return value.Type{}, false
	}
	x := d.Value
	if neg, ok := x.(*ast.Neg); ok {
		x = neg.X
	}
	switch x.(type) {
	case *ast.Bool:
		return value.Of(value.Bool), true
	case *ast.Date:
		return value.Of(value.Date), true
	case *ast.Duration:
		return value.Of(value.Duration), true
	case *ast.Number:
		return value.Of(value.Int), true
	case *ast.Text:
		return value.Of(value.Text), true
	case *ast.Time:
		return value.Of(value.Time), true
	default: // no literal
		return value.Type{}, false
	}
}

func partType(t value.Type, names []string) (value.Type, bool) {
	for _, name := range names {
		i := slices.IndexFunc(t.Fields, func(f value.Field) bool { return f.Name == name })
		if i < 0 {
			return value.Type{}, false
		}
		t = t.Fields[i].Type
	}
	return t, true
}

// operand reads the path that ends before token i (counted from the end of
// before) and gives its type.
func (p *place) operand(i int) (names []string, t value.Type, ok bool) {
	for ; ; i += 2 {
		tok := p.prev(i)
		if !isName(tok) {
			return nil, t, false
		}
		names = append([]string{tok.Text}, names...)
		if dot := p.prev(i + 1); dot.Kind != syntax.OperatorToken || dot.Text != "." {
			break
		}
	}
	t, ok = p.typeOf(p.top().rel, names)
	return names, t, ok
}
