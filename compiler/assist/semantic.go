package assist

import (
	"slices"
	"strings"

	"github.com/segql/segql/compiler/check"
	"github.com/segql/segql/compiler/fn"
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/source"
	"github.com/segql/segql/lang/syntax"
)

// TokenType is how an editor colours a token.
type TokenType uint8

// Types of tokens, by the names that the protocol has for them.
const (
	CommentToken TokenType = iota
	KeywordToken
	StringToken
	NumberToken
	RegexpToken
	OperatorToken
	ClassToken    // segments
	EnumToken     // splits, holdouts
	MemberToken   // branches
	PropertyToken // attributes, keys
	VariableToken // params, lists, steps
	FunctionToken
	StructToken // entities, facts
	MacroToken  // traits
)

// TokenTypes are their names in the order of the constants.
var TokenTypes = []string{"comment", "keyword", "string", "number", "regexp", "operator", "class", "enum", "enumMember", "property", "variable", "function", "struct", "macro"}

// Token is one token to be coloured, on one line.
type Token struct {
	Start, End int
	Type       TokenType
	Declares   bool
}

// Tokens gives the tokens of a file in order; in YAML only the names that the
// check knows, as the rest is for the editor's own YAML.
func (s *State) Tokens(f *source.File) []Token {
	if strings.HasSuffix(f.Name, ".seg") {
		return s.segTokens(f)
	}
	var out []Token
	end := 0
	for _, o := range s.byFile[f.Name] {
		at := inner(o.At)
		if at.Start < end || at.End > len(f.Text) || strings.Contains(at.Text(), "\n") {
			continue
		}
		out = append(out, Token{at.Start, at.End, symbolToken(o.Symbol.Kind), o.decl})
		end = at.End
	}
	return out
}

func (s *State) segTokens(f *source.File) []Token {
	toks, comments := syntax.Tokens(f, 0, len(f.Text))
	named := map[int]occurrence{}
	for _, o := range s.byFile[f.Name] {
		named[o.At.Start] = o
	}
	tree := s.file(f.Name)
	names := identifiers(tree, f)
	var out []Token
	for i, t := range toks {
		tok := Token{Start: t.Start, End: t.End}
		if o, ok := named[t.Start]; ok && (t.Kind == syntax.WordToken || t.Kind == syntax.QuotedToken) {
			tok.Type, tok.Declares = symbolToken(o.Symbol.Kind), o.decl
		} else if tok.Type, ok = lexed(toks, i, names); !ok {
			continue
		}
		out = append(out, tok)
	}
	for _, c := range comments {
		out = append(out, Token{Start: c.Loc.Start, End: c.Loc.End, Type: CommentToken})
	}
	slices.SortFunc(out, func(a, b Token) int { return a.Start - b.Start })
	return out
}

// identifiers are the places of the names that a declaration or its keys have,
// which the check tells nothing of.
func identifiers(tree *ast.File, f *source.File) map[int]bool {
	out := map[int]bool{}
	if tree == nil || tree.Source.Text != f.Text {
		return out
	}
	for _, d := range tree.Decls {
		out[d.DeclName().Loc.Start] = true
	}
	return out
}

// lexed is the type of a token by what it looks like and what stands beside it.
func lexed(toks []syntax.Token, i int, names map[int]bool) (TokenType, bool) {
	t := toks[i]
	switch t.Kind {
	case syntax.TextToken:
		return StringToken, true
	case syntax.DateToken, syntax.MonthToken, syntax.NumberToken, syntax.PercentToken, syntax.TimeToken:
		return NumberToken, true
	case syntax.RegexToken:
		return RegexpToken, true
	case syntax.OperatorToken:
		return OperatorToken, !strings.Contains("()[]{},.:", t.Text)
	case syntax.QuotedToken:
		return PropertyToken, true
	}
	next := syntax.Token{}
	if i+1 < len(toks) {
		next = toks[i+1]
	}
	switch {
	case names[t.Start]:
		return VariableToken, true
	case next.Text == "(" && isFunction(t.Text):
		return FunctionToken, true
	case isKeyword(toks, i):
		return KeywordToken, true
	}
	return PropertyToken, true
}

func isFunction(name string) bool {
	if fn.Lookup(name) != nil || slices.Contains([]string{"size", "share", "reachable", "overlap", "turnover", "point"}, name) {
		return true
	}
	return slices.ContainsFunc(check.Forms(), func(f check.Form) bool { return f.Name == name })
}

// contextual words are keywords in some places and names in others.
var contextual = strings.Fields(`segment split holdout trait rfm list param title description owner tags goal priority channels
	valid_from valid_until deprecated last next this previous top bottom known missing any all none entered left followed preceded directly
	have every periods allowing missed ago distinct column item size share reachable overlap turnover`)

// isKeyword reports words that are no names. A name that only the data knows
// may look like one; then the check has told, or it stands after a dot.
func isKeyword(toks []syntax.Token, i int) bool {
	t := toks[i]
	if i > 0 && toks[i-1].Kind == syntax.OperatorToken && toks[i-1].Text == "." {
		return false
	}
	if syntax.Reserved(t.Text) || slices.Contains(contextual, t.Text) {
		return true
	}
	return syntax.Unit(t.Text) != "" && i > 0 && (toks[i-1].Kind == syntax.NumberToken || slices.Contains([]string{"this", "previous"}, toks[i-1].Text))
}

func symbolToken(k check.SymbolKind) TokenType {
	switch k {
	case check.Attribute, check.Part:
		return PropertyToken
	case check.Branch:
		return MemberToken
	case check.Channel, check.Holdout, check.RFM, check.Split:
		return EnumToken
	case check.Entity, check.Fact, check.Lookup, check.Reverse:
		return StructToken
	case check.List, check.Param, check.StepName:
		return VariableToken
	case check.Segment:
		return ClassToken
	case check.Trait:
		return MacroToken
	}
	return PropertyToken
}

// Lens is a line above a definition that runs a command of segql.
type Lens struct {
	At      source.Span
	Title   string
	Command string   // members, test, why
	Args    []string // of the command
}

// Lenses of a file of definitions or of tests.
func (s *State) Lenses(f *source.File) (out []Lens) {
	if strings.HasSuffix(f.Name, "_test.seg.yaml") {
		for _, t := range testsOf(f) {
			out = append(out, Lens{At: t.at, Title: "run test", Command: "test", Args: []string{t.name}})
		}
		return out
	}
	tested := map[string]bool{}
	for _, file := range s.tests {
		for _, t := range testsOf(file) {
			for _, use := range t.uses {
				tested[use] = true
			}
		}
	}
	for _, sym := range s.Outline(f) {
		lenses := func(name string, at source.Span) {
			title := "members"
			if size, ok := s.sizes[name]; ok {
				title = grouped(size.Members) + " members"
			}
			out = append(out, Lens{At: at, Title: title, Command: "members", Args: []string{name}}, Lens{At: at, Title: "why", Command: "why", Args: []string{name}})
			if tested[name] {
				out = append(out, Lens{At: at, Title: "run tests", Command: "test", Args: []string{name}})
			}
		}
		switch sym.Kind {
		case check.Segment:
			lenses(sym.Name, sym.At)
		case check.Split, check.Holdout:
			for _, b := range sym.Children {
				lenses(sym.Name+"."+b.Name, b.At)
			}
		default: // nobody is a member of it
		}
	}
	return out
}

// Hint is a text that an editor shows behind a place.
type Hint struct {
	Offset int
	Text   string
	Doc    string
}

// Hints are the sizes of segments at the last run, behind their names, and the
// values of params where they are used.
func (s *State) Hints(f *source.File) (out []Hint) {
	for _, o := range s.byFile[f.Name] {
		if o.At.End > len(f.Text) {
			continue
		}
		switch {
		case o.Symbol.Kind == check.Param && !o.decl:
			if d, ok := s.decl(o.Symbol.Name).(*ast.Param); ok && d.Value != nil {
				out = append(out, Hint{o.At.End, " = " + clip(d.Value.Span().Text(), 30), "the value of the param, if none is set from outside"})
			}
		case o.decl && (o.Symbol.Kind == check.Segment || o.Symbol.Kind == check.Branch):
			if size, ok := s.sizes[o.Symbol.Name]; ok {
				out = append(out, Hint{o.At.End, " " + grouped(size.Members), "members at the last run, as of " + size.AsOf})
			}
		}
	}
	return out
}
