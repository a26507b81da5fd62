// Package ignore reads the comments by which an author says that a piece of
// advice does not fit:
//
//	# segql:ignore SEG2001 customers without a city are meant too
//	segment elsewhere { where city != "Huế" }
//
// Such a comment on a line of its own is about the next line or, before a
// declaration, about all of it; at the end of a line it is about that line.
// Several codes may stand before the reason, which is required: whoever reads
// the definition next asks for it. Only advice (SEG2xxx) can be ignored.
package ignore

import (
	"regexp"
	"slices"
	"strings"

	"github.com/segql/segql/compiler/catalog"
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/lang/source"
)

// wrongDirective is a comment that is meant to ignore something and does not.
const wrongDirective diag.Code = "SEG2091"

// Directive is one comment.
type Directive struct {
	Span   source.Span // of the comment
	Codes  []Code
	Reason string

	whole    bool // the comment is alone on its line
	from, to int  // the lines it is about, from 1, both ends in
}

// Code is one code of a directive, with its place.
type Code struct {
	Code diag.Code
	Span source.Span
}

// Set holds the directives of a project.
type Set struct {
	files map[*source.File][]*Directive
	all   []*Directive // in order of files and lines
}

// Read finds the directives of the files and of the catalog, which may be nil.
// The diagnostics say which cannot be followed.
func Read(files []*ast.File, cat *catalog.Catalog) (*Set, diag.List) {
	s := &Set{files: map[*source.File][]*Directive{}}
	var diags diag.List
	if cat != nil {
		s.read(cat.File, cat.Comments, catalogBlocks(cat), &diags)
	}
	for _, f := range files {
		blocks := make([]source.Span, len(f.Decls))
		for i, d := range f.Decls {
			blocks[i] = d.Span()
		}
		s.read(f.Source, f.Comments, blocks, &diags)
	}
	return s, diags
}

// catalogBlocks are the places of a catalog that a comment before them is
// about as a whole.
func catalogBlocks(cat *catalog.Catalog) (blocks []source.Span) {
	add := func(r *catalog.Relation) {
		blocks = append(blocks, r.Span)
		for _, a := range r.Attributes {
			blocks = append(blocks, a.Span)
		}
		for _, f := range r.Fields {
			blocks = append(blocks, f.Span)
		}
	}
	for _, e := range cat.Entities {
		add(&e.Relation)
	}
	for _, f := range cat.Facts {
		add(&f.Relation)
	}
	return blocks
}

func (s *Set) read(f *source.File, comments []ast.Comment, blocks []source.Span, diags *diag.List) {
	for _, c := range comments {
		d := parse(c, diags)
		if d == nil {
			continue
		}
		line := c.Loc.Pos().Line
		if c.OwnLine {
			line = nextLine(f, line)
		}
		d.from, d.to, d.whole = line, line, c.OwnLine
		for _, b := range blocks {
			if c.OwnLine && b.File == f && b.Pos().Line == line {
				d.to = max(d.to, f.Position(b.End).Line)
			}
		}
		s.files[f] = append(s.files[f], d)
		s.all = append(s.all, d)
	}
}

// nextLine is the line after n that holds more than a comment.
func nextLine(f *source.File, n int) int {
	for n++; n <= f.Lines(); n++ {
		if text := strings.TrimSpace(f.Line(n)); text != "" && text[0] != '#' {
			break
		}
	}
	return n
}

var (
	meant    = regexp.MustCompile(`^#+[ \t]*segql[ \t]*[:-][ \t]*([\pL_-]*)`)
	codeWord = regexp.MustCompile(`^(?i:SEG[0-9]+)`)
)

// parse reads one comment; nil when it is none of these, or says nothing that
// can be followed.
func parse(c ast.Comment, diags *diag.List) *Directive {
	m := meant.FindStringSubmatchIndex(c.Text)
	if m == nil {
		return nil
	}
	at := func(from, to int) source.Span {
		return source.Span{File: c.Loc.File, Start: c.Loc.Start + from, End: c.Loc.Start + to}
	}
	if word := c.Text[m[2]:m[3]]; word != "ignore" || !strings.Contains(c.Text[:m[2]], "segql:") {
		d := diags.Errorf(wrongDirective, at(0, m[1]), "segql has no comment %s", c.Text[:m[1]])
		d.Help = "write `# segql:ignore SEG2001 the reason`"
		return nil
	}
	d := &Directive{Span: c.Loc}
	pos := m[1]
	known := true
	for {
		for pos < len(c.Text) && strings.IndexByte(" \t,:", c.Text[pos]) >= 0 {
			pos++
		}
		n := len(codeWord.FindString(c.Text[pos:]))
		if n == 0 {
			break
		}
		code := Code{diag.Code(strings.ToUpper(c.Text[pos : pos+n])), at(pos, pos+n)}
		known = checkCode(code, diags) && known
		d.Codes = append(d.Codes, code)
		pos += n
	}
	d.Reason = strings.Trim(c.Text[pos:], " \t-–—")
	switch {
	case !known:
	case len(d.Codes) == 0:
		diags.Errorf(wrongDirective, c.Loc, "this does not say what is to be ignored").
			Help = "name the codes before the reason: `# segql:ignore SEG2001 the reason`"
	case d.Reason == "":
		diags.Errorf(wrongDirective, c.Loc, "this does not say why %s is ignored", d.Codes[0].Code).
			Help = "add the reason, for whoever reads this next: `# segql:ignore " + string(d.Codes[0].Code) + " the reason`"
	default:
		return d
	}
	return nil
}

// checkCode reports a code that is none, or no advice.
func checkCode(c Code, diags *diag.List) bool {
	if _, ok := diag.Lookup(string(c.Code)); !ok {
		d := diags.Errorf(wrongDirective, c.Span, "there is no code %s", c.Code)
		d.Help = "`segql lint --list` prints all that can be ignored"
		for _, p := range diag.Near(string(c.Code)) {
			if strings.HasPrefix(string(p.Code), "SEG2") {
				d.Help = "did you mean " + string(p.Code) + " (" + p.Title + ")?"
				break
			}
		}
		return false
	}
	if !strings.HasPrefix(string(c.Code), "SEG2") || c.Code == wrongDirective {
		diags.Errorf(wrongDirective, c.Span, "%s is no advice and cannot be ignored", c.Code).
			Help = "only SEG2xxx can be ignored; `segql explain " + string(c.Code) + "` says what to do"
		return false
	}
	return true
}

func (d *Directive) covers(x diag.Diagnostic) bool {
	line := x.Span.Pos().Line
	return line >= d.from && line <= d.to &&
		slices.ContainsFunc(d.Codes, func(c Code) bool { return c.Code == x.Code })
}

// Apply divides a list into what is to be shown and what directives hide.
// Errors are never hidden.
func (s *Set) Apply(list diag.List) (shown, hidden diag.List) {
	for _, x := range list {
		if x.Severity != diag.Error && x.Span.File != nil &&
			slices.ContainsFunc(s.files[x.Span.File], func(d *Directive) bool { return d.covers(x) }) {
			hidden = append(hidden, x)
			continue
		}
		shown = append(shown, x)
	}
	return shown, hidden
}

// Unused is a code of a directive that hides nothing.
type Unused struct {
	Code
	// Cut is what to take out of the file: the code, or the comment, with its
	// line where nothing else stands there.
	Cut source.Span
}

// Unused are the codes of directives by which none of hidden was hidden.
// Where ran is false of a code, nothing looked for it, and it is passed over.
func (s *Set) Unused(hidden diag.List, ran func(diag.Code) bool) (out []Unused) {
	for _, d := range s.all {
		var idle []Code
		for _, c := range d.Codes {
			used := slices.ContainsFunc(hidden, func(x diag.Diagnostic) bool {
				return x.Code == c.Code && x.Span.File == d.Span.File && d.covers(x)
			})
			if !used && ran(c.Code) {
				idle = append(idle, c)
			}
		}
		for _, c := range idle {
			u := Unused{Code: c, Cut: d.cut()}
			if len(idle) < len(d.Codes) {
				u.Cut = c.Span
				u.Cut.End += len(c.Span.File.Text[c.Span.End:]) - len(strings.TrimLeft(c.Span.File.Text[c.Span.End:], " \t,"))
			}
			out = append(out, u)
		}
	}
	return out
}

// cut is the comment with the blanks before it and, when it is alone on its
// line, the line.
func (d *Directive) cut() source.Span {
	text, cut := d.Span.File.Text, d.Span
	for cut.Start > 0 && strings.IndexByte(" \t", text[cut.Start-1]) >= 0 {
		cut.Start--
	}
	if d.whole && cut.End < len(text) {
		cut.End += strings.IndexByte(text[cut.End:]+"\n", '\n') + 1
		cut.End = min(cut.End, len(text))
	}
	return cut
}
