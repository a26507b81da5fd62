package assist

import (
	"fmt"
	"slices"
	"strings"

	"github.com/segql/segql/compiler/catalog"
	"github.com/segql/segql/compiler/check"
	"github.com/segql/segql/compiler/fn"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/format"
	"github.com/segql/segql/lang/syntax"
)

// code is a block of segql in markdown.
func code(text string) string { return "```segql\n" + text + "\n```" }

func paragraphs(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), "\n\n")
}

// catalogRelation is a relation as its author declared it.
func (s *State) catalogRelation(name string) *catalog.Relation {
	if s.project.Catalog == nil {
		return nil
	}
	return s.project.Catalog.Relation(name)
}

// plain takes the markup out of what an author wrote.
func plain(text string) string {
	return strings.NewReplacer("\\", "\\\\", "`", "\\`", "*", "\\*", "_", "\\_", "<", "&lt;", "[", "\\[", "#", "\\#").Replace(text)
}

func (s *State) relationDoc(r *ir.Relation) string {
	kind := "fact"
	if r.Entity {
		kind = "entity"
	}
	head := kind + " " + syntax.QuoteName(r.Name)
	if r.Owner != nil {
		head += " of " + syntax.QuoteName(r.Owner.To.Name)
	}
	var about, from string
	if c := s.catalogRelation(r.Name); c != nil {
		about = titled(c.Title.Text, c.Description.Text)
	}
	switch {
	case r.From != nil:
		from = "from " + r.From.Name
	case r.Source != nil && r.Source.Path != "":
		from = "read from `" + r.Source.Path + "`"
	case r.Source != nil && r.Source.Table != "":
		from = "read from table `" + r.Source.Table + "`"
	}
	if r.Time != nil {
		from += ", its time is " + r.Time.Name
	} else if !r.Entity {
		from += ", without a time: no windows"
	}
	var cols []string
	for _, c := range columnsOf(r) {
		if len(cols) == 12 {
			cols = append(cols, "…")
			break
		}
		cols = append(cols, "`"+c.Name+"` "+plain(c.Type.String()))
	}
	return paragraphs(code(head), about, from, strings.Join(cols, ", "))
}

func titled(title, description string) string {
	switch {
	case title != "" && description != "":
		return "**" + plain(title) + "**: " + plain(description)
	case title != "":
		return "**" + plain(title) + "**"
	}
	return plain(description)
}

func (s *State) columnDoc(rel *ir.Relation, col *ir.ColumnDef) string {
	for col.Base != nil && rel.From != nil {
		rel, col = rel.From, col.Base
	}
	head := rel.Name + "." + syntax.QuoteName(col.Name) + ": " + col.Type.String()
	var about string
	var facts []string
	if c := s.catalogRelation(rel.Name); c != nil {
		if a := c.Attribute(col.Name); a != nil {
			about = titled(a.Title.Text, a.Description.Text)
		}
		if f := c.Field(col.Name); f != nil {
			head += " = " + format.Expr(f.Expr)
		}
	}
	if col.Raw != "" && col.Raw != col.Name {
		facts = append(facts, "column `"+col.Raw+"`")
	}
	if len(col.Type.Values) > 0 {
		facts = append(facts, "one of "+quotedList(col.Type.Values))
	}
	if col.Min != nil {
		facts = append(facts, "at least "+col.Min.String())
	}
	if col.Max != nil {
		facts = append(facts, "at most "+col.Max.String())
	}
	if col.EmptyMissing {
		facts = append(facts, "an empty text is missing")
	}
	if col.NotNull {
		facts = append(facts, "never missing")
	}
	if col.PII {
		facts = append(facts, "about a person, not shown in results")
	}
	return paragraphs(code(head), about, strings.Join(facts, "; "))
}

func quotedList(values []string) string {
	var out []string
	for i, v := range values {
		if i == 12 {
			out = append(out, fmt.Sprintf("and %d more", len(values)-12))
			break
		}
		out = append(out, "`"+syntax.Quote(v)+"`")
	}
	return strings.Join(out, ", ")
}

// declDoc tells of a definition.
func (s *State) declDoc(d ast.Decl) string {
	id := d.DeclName()
	head := string(kindOf(d)) + " " + format.Name(id)
	size := s.sizeText(id.Name)
	switch d := d.(type) {
	case *ast.Holdout:
		return paragraphs(code(head+" of segment "+format.Path(d.Of)), metaDoc(d.Meta))
	case *ast.List:
		return code(head + " = " + listText(d))
	case *ast.Param:
		if d.Value == nil {
			return code(head)
		}
		return paragraphs(code(head+" = "+format.Expr(d.Value)), "can be set from outside: `--set "+id.Name+"=…`")
	case *ast.RFM:
		return paragraphs(code(head), "recency, frequency and monetary scores from 1 to 5: `"+id.Name+".recency`, `.frequency`, `.monetary`, and the groups of `"+id.Name+".group`")
	case *ast.Segment:
		if d.Of != nil {
			head += " of " + format.Name(*d.Of)
		}
		where := ""
		if d.Where != nil {
			where = code("where " + s.conditionText(d.Where))
		}
		return paragraphs(code(head), metaDoc(d.Meta), where, size)
	case *ast.Split:
		return paragraphs(code(head), metaDoc(d.Meta), s.branchList(d))
	case *ast.Trait:
		if t := s.project.Traits[id.Name]; t != nil {
			head += ": " + t.X.Type().String()
		}
		if d.Value != nil {
			head += " = " + format.Expr(d.Value)
		}
		return code(head)
	}
	panic("assist: unknown declaration")
}

// conditionText is a condition with one line for each part of its first level.
func (s *State) conditionText(x ast.Expr) string {
	logic, ok := x.(*ast.Logic)
	if !ok {
		return clip(format.Expr(x), 400)
	}
	var parts []string
	for i, o := range logic.Operands {
		if i == 12 {
			parts = append(parts, "…")
			break
		}
		parts = append(parts, clip(format.Expr(o), 200))
	}
	return strings.Join(parts, "\n  "+logic.Op+" ")
}

func clip(text string, most int) string {
	if r := []rune(text); len(r) > most {
		return string(r[:most]) + "…"
	}
	return text
}

func metaDoc(lines []ast.Meta) string {
	var rest []string
	for _, key := range []string{"owner", "goal"} {
		if t := metaText(lines, key); t != "" {
			rest = append(rest, key+": "+plain(t))
		}
	}
	return paragraphs(titled(metaText(lines, "title"), metaText(lines, "description")), strings.Join(rest, " · "))
}

func (s *State) branchList(d *ast.Split) string {
	var lines []string
	for _, b := range d.Branches {
		line := "- `" + b.Name.Name + "`"
		if b.Title != nil {
			line += " " + plain(b.Title.Value)
		}
		if size, ok := s.sizes[d.Name.Name+"."+b.Name.Name]; ok {
			line += ": " + grouped(size.Members)
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// sizeText tells how many members a segment had at the last run.
func (s *State) sizeText(segment string) string {
	size, ok := s.sizes[segment]
	if !ok {
		return ""
	}
	return "**" + grouped(size.Members) + "** members at the last run, as of " + size.AsOf
}

// grouped writes 12,345.
func grouped(n int64) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0 && text[i-1] != '-'; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// branchDoc tells of a branch of a split or a group of a holdout.
func (s *State) branchDoc(sym check.Symbol) string {
	head := "segment " + sym.Name
	var about, when string
	switch d := s.decl(sym.Of).(type) {
	case *ast.Holdout:
		about = "a group of holdout " + plain(sym.Of)
	case *ast.Split:
		about = "a branch of split " + plain(sym.Of) + ": who is in none of the branches before it"
		for _, b := range d.Branches {
			if sym.Of+"."+b.Name.Name != sym.Name {
				continue
			}
			if b.Title != nil {
				about = "**" + plain(b.Title.Value) + "**, " + about
			}
			if b.When != nil {
				when = code("when " + s.conditionText(b.When))
			} else {
				when = code("otherwise")
			}
		}
	default: // of an rfm
	}
	return paragraphs(code(head), about, when, s.sizeText(sym.Name))
}

// functionDoc tells of a function or a form; "" where there is none.
func functionDoc(name string) string {
	var parts []string
	for _, f := range check.Forms() {
		if f.Name != name {
			continue
		}
		gives := "gives " + f.Returns
		if f.None != "" {
			gives += "; of nothing, " + f.None
		}
		parts = append(parts, code(f.Signature), f.Doc, gives, examples(f.Examples))
	}
	if f := fn.Lookup(name); f != nil && !f.Internal {
		gives := "gives " + f.Returns
		if f.Missing != "" {
			gives += "; missing " + f.Missing
		}
		parts = append(parts, code(f.Signature()), f.Doc, gives, examples(f.Examples))
	}
	return paragraphs(parts...)
}

func examples(list []fn.Example) string {
	var lines []string
	for _, e := range list {
		lines = append(lines, "- `"+e.Expr+"` is "+plain(e.Gives))
	}
	return strings.Join(lines, "\n")
}
