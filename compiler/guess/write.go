package guess

import (
	"fmt"
	"strings"

	"github.com/segql/segql/compiler/text"
	"github.com/segql/segql/compiler/value"
)

func fold(s string) string { return text.Fold(s) }

// Few is the number of different values up to which they are listed.
const Few = 10

// personal are words in the names of columns with personal data.
var personal = []string{"email", "phone", "mobile", "address", "firstname", "lastname", "fullname", "birth", "sodienthoai", "dienthoai", "diachi", "hoten", "ngaysinh", "cccd", "cmnd"}

// Options of the text of a catalog.
type Options struct {
	Zone      string // IANA name
	ZoneGiven bool   // a person gave it, so it is no guess
	Database  string // a DuckDB file whose tables are the sources; ""
}

// YAML writes the catalog.
func (c *Catalog) YAML(o Options) string {
	w := &writer{}
	w.line(0, "version: 1")
	w.line(0, "edition: 1")
	if o.Database != "" {
		w.line(0, "database: "+scalar(o.Database))
	}
	zone, sure := o.Zone, o.ZoneGiven
	if sure {
		w.line(0, "timezone: "+zone)
	} else {
		w.guess(0, "timezone: "+zone, "the zone your shop's clocks show?")
	}
	w.line(0, "week_starts: monday")
	w.line(0, "")
	w.line(0, "# Lines marked `guess` were worked out from the data: read them, correct them,")
	w.line(0, "# then take the mark away.")
	w.line(0, "entities:")
	for _, e := range c.Entities {
		w.entity(e)
	}
	if len(c.Facts) > 0 {
		w.line(0, "facts:")
	}
	for _, f := range c.Facts {
		w.fact(f)
	}
	for _, t := range c.Unclear {
		w.line(0, fmt.Sprintf("# %s (%d rows) is left out: no column was found that names a row or leads to one of the entities.", t.Source, t.Rows))
	}
	return w.b.String()
}

type writer struct{ b strings.Builder }

func (w *writer) line(depth int, s string) {
	w.b.WriteString(strings.TrimRight(strings.Repeat("  ", depth)+s, " ") + "\n")
}

// guess is a line with a mark.
func (w *writer) guess(depth int, s, why string) {
	w.line(depth, fmt.Sprintf("%-44s # guess: %s", s, why))
}

func (w *writer) entity(e *Entity) {
	w.line(1, ident(e.Name)+":")
	if e.Table == nil {
		w.guess(2, "universe: ["+strings.Join(e.Universe, ", ")+"]", "no table of them was found; they are the ids in these facts")
		w.line(2, fmt.Sprintf("key: {column: %s, type: %s}", scalar(e.Key.Name), typeName(e.Key)))
		return
	}
	w.line(2, "source: "+scalar(e.Table.Source))
	w.guess(2, "key: "+keyText(e.Key), "no two rows share it")
	w.attributes(e.Table)
	w.links(e.Links)
}

func keyText(c *Column) string {
	return fmt.Sprintf("{column: %s, type: %s}", scalar(c.Name), typeName(c))
}

func (w *writer) fact(f *Fact) {
	w.line(1, ident(f.Name)+":")
	w.line(2, "source: "+scalar(f.Table.Source))
	w.guess(2, "of: "+ident(f.Owner()), "whom, or what, a row belongs to")
	w.line(2, "by: "+scalarColumn(f.By.Name))
	if f.At != nil {
		w.guess(2, "at: "+scalarColumn(f.At.Name), "when it happened")
	} else if f.Items == nil {
		w.line(2, "# no column with times was found: windows such as `in last 30 days` need `at:`")
	}
	if f.Key != nil {
		w.line(2, "key: "+scalar(f.Key.Name))
	}
	w.attributes(f.Table)
	w.links(f.Links)
}

func (w *writer) links(links []Link) {
	if len(links) == 0 {
		return
	}
	w.line(2, "belongs_to:")
	for _, l := range links {
		w.guess(3, fmt.Sprintf("%s: {entity: %s, by: %s}", ident(l.Name), ident(l.Entity.Name), scalarColumn(l.By.Name)), "it holds the key of "+l.Entity.Name)
	}
}

func (w *writer) attributes(t *Table) {
	w.line(2, "attributes:")
	for i := range t.Columns {
		c := &t.Columns[i]
		parts, why := []string{"type: " + typeName(c)}, []string{}
		if c.Type.Kind == value.Text && len(c.Values) > 1 && len(c.Values) <= Few && t.Rows >= 4*int64(len(c.Values)) {
			parts = append(parts, "values: ["+strings.Join(quoteAll(c.Values), ", ")+"]")
			why = append(why, "are these all values there are?")
		}
		if isPersonal(c.Name) && rank(t.Name) < len(customerWords) {
			parts = append(parts, "pii: true")
			why = append(why, "personal data?")
		}
		if c.Note != "" {
			why = append(why, c.Note)
		}
		s := fmt.Sprintf("%s: {%s}", scalar(c.Name), strings.Join(parts, ", "))
		if len(why) > 0 {
			w.guess(3, s, strings.Join(why, "; "))
		} else {
			w.line(3, s)
		}
	}
}

func isPersonal(name string) bool {
	p := plain(name)
	for _, w := range personal {
		if strings.Contains(p, w) {
			return true
		}
	}
	return p == "name" || p == "ten"
}

func quoteAll(values []string) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = quote(v)
	}
	return out
}

// typeName is the type as a flow scalar of YAML: commas need quotes.
func typeName(c *Column) string {
	t := value.Type{Kind: c.Type.Kind, Prec: c.Type.Prec, Scale: c.Type.Scale, Elem: c.Type.Elem, Fields: c.Type.Fields}
	s := t.String()
	if strings.ContainsAny(s, ",{}") {
		return quote(s)
	}
	return s
}

// Name makes a name for a catalog of that of a file or table.
func Name(s string) string { return ident(strings.ToLower(s)) }

// ident makes a name that may stand in a definition without backticks.
func ident(name string) string {
	var b strings.Builder
	for i, r := range name {
		switch {
		case r == '_' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || i > 0 && r >= '0' && r <= '9' || r > 127:
			b.WriteRune(r)
		case b.Len() > 0:
			b.WriteByte('_')
		}
	}
	if b.Len() == 0 {
		return "data"
	}
	return b.String()
}

// scalarColumn names a column where an expression may stand, which a name
// with blanks is not.
func scalarColumn(name string) string {
	if ident(name) != name {
		return "{column: " + scalar(name) + "}"
	}
	return scalar(name)
}

// scalar is a plain YAML scalar where that is safe.
func scalar(s string) string {
	safe := s != "" && !strings.ContainsAny(s, ":#{}[],&*!|>'\"%@`\\\n\t") && strings.TrimSpace(s) == s && !strings.HasPrefix(s, "-") && !strings.HasPrefix(s, "?")
	switch strings.ToLower(s) {
	case "true", "false", "yes", "no", "on", "off", "null", "~":
		safe = false
	}
	if safe && !(s[0] >= '0' && s[0] <= '9') {
		return s
	}
	return quote(s)
}

func quote(s string) string {
	s = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\t", `\t`, "\r", `\r`).Replace(s)
	return `"` + s + `"`
}
