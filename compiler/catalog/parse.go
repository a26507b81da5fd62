package catalog

import (
	"fmt"
	"strings"
	"time"

	"github.com/segql/segql/internal/yamltree"
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/lang/source"
)

// minimal is what an author with an empty catalog is shown.
const minimal = `the smallest catalog is:

version: 1
edition: 1
timezone: Asia/Ho_Chi_Minh
entities:
  customer:
    source: data/customers.csv
    key: id`

// The versions this program knows.
const (
	newestVersion = 1
	newestEdition = 1
)

// Parse reads a catalog. The catalog is never nil; where the list has
// errors, parts of it may be missing.
func Parse(file *source.File) (*Catalog, diag.List) {
	r := &reader{
		file: file,
		cat:  &Catalog{File: file, Version: 1, Edition: 1, Location: time.UTC, WeekStarts: time.Monday},
	}
	root, diags := yamltree.Parse(file)
	r.diags = diags
	switch {
	case root == nil && diags.HasErrors():
	case root == nil || root.Kind == yamltree.Null:
		r.diags.Errorf(codeRequired, source.Span{File: file}, "the catalog is empty").Help = minimal
	case root.Kind != yamltree.Map:
		r.diags.Errorf(codeShape, root.Span, "a catalog is a map of sections, this is %s", root.Kind).Help = minimal
	default:
		r.catalog(root)
		r.resolve()
		r.cat.Comments = yamltree.Comments(file, root)
	}
	r.diags.Sort()
	return r.cat, r.diags
}

// reader is the state of one Parse.
type reader struct {
	file  *source.File
	cat   *Catalog
	diags diag.List
}

func (r *reader) catalog(root *yamltree.Node) {
	c := r.cat
	r.entries(root, catalogKeys, func(key string, v *yamltree.Node) {
		switch key {
		case "as_of":
			c.AsOf = r.instant(v)
		case "channels":
			r.named(v, "a channel", r.channel)
		case "database":
			c.Database = r.database(v)
		case "edition":
			c.Edition = r.known(v, "edition", newestEdition)
		case "entities":
			r.named(v, "an entity", r.entity)
		case "facts":
			r.named(v, "a fact", r.fact)
		case "timezone":
			r.timezone(v)
		case "version":
			c.Version = r.known(v, "version", newestVersion)
		case "week_starts":
			c.WeekStarts = r.weekday(v)
		}
	})
	head := root.Entries
	if root.Get("timezone") == nil && len(head) > 0 {
		d := r.diags.Errorf(codeRequired, head[0].Key.Span, "the catalog has no `timezone`")
		d.Help = "days begin and end in a zone; add a line such as `timezone: Asia/Ho_Chi_Minh`"
	}
	if e := root.Get("entities"); e == nil && len(head) > 0 {
		r.diags.Errorf(codeRequired, head[0].Key.Span, "the catalog has no `entities`").Help = minimal
	} else if e != nil && len(c.Entities) == 0 && e.Value.Kind == yamltree.Map && len(e.Value.Entries) == 0 {
		r.diags.Errorf(codeRequired, e.Key.Span, "the catalog has no entity").Help = minimal
	}
}

// known reads a version number that this program must know.
func (r *reader) known(v *yamltree.Node, what string, newest int) int {
	if v.Kind != yamltree.Scalar {
		r.shape(v, "a whole number")
		return 1
	}
	var n int
	if _, err := fmt.Sscanf(v.Text, "%d", &n); err != nil || fmt.Sprint(n) != v.Text {
		d := r.diags.Errorf(codeEdition, v.Span, "`%s` is not a whole number", v.Text)
		d.Help = fmt.Sprintf("write `%s: %d`", what, newest)
		d.Edits = []diag.Edit{{Span: v.Span, Text: fmt.Sprint(newest)}}
		return 1
	}
	if n < 1 || n > newest {
		d := r.diags.Errorf(codeEdition, v.Span, "%s %d is not known here, the newest one is %d", what, n, newest)
		if n > newest {
			d.Help = fmt.Sprintf("this catalog was written for a newer segql: upgrade it, or write `%s: %d`", what, newest)
		} else {
			d.Help = fmt.Sprintf("the first %s is 1", what)
		}
	}
	return n
}

func (r *reader) timezone(v *yamltree.Node) {
	name := r.text(v, "the name of a time zone")
	if name.IsZero() {
		return
	}
	r.cat.Timezone = name
	loc, suggestion := zone(name.Text)
	if loc != nil {
		r.cat.Location = loc
		return
	}
	d := r.diags.Errorf(codeTimezone, name.Span, "there is no time zone `%s`", name.Text)
	d.Help = "zones have names of places, such as Asia/Ho_Chi_Minh, Europe/Berlin or UTC"
	r.didYouMean(d, name.Span, suggestion)
}

func (r *reader) weekday(v *yamltree.Node) time.Weekday {
	days := make([]string, 7)
	for i := range days {
		days[i] = strings.ToLower(time.Weekday(i).String())
	}
	picked := r.choice(v, "a day of the week", days)
	for i, day := range days {
		if day == picked {
			return time.Weekday(i)
		}
	}
	return time.Monday
}

// instant reads as_of: a date or a time literal of the language.
func (r *reader) instant(v *yamltree.Node) ast.Expr {
	const help = "write a date or a time of the project's zone: 2025-03-31 or 2025-03-31T10:30"
	text := r.text(v, "a date or a time")
	if text.IsZero() {
		return nil
	}
	x, diags := parseExpr(v)
	if !diags.HasErrors() {
		switch x := x.(type) {
		case *ast.Date:
			if x.Day != 0 {
				return x
			}
		case *ast.Time:
			return x
		default: // no instant; reported below
		}
	}
	d := r.diags.Errorf(codeAsOf, v.Span, "`%s` is not a date or a time", text.Text)
	d.Help = help
	if fixed := isoTime(text.Text); fixed != "" {
		d.Edits = []diag.Edit{{Span: v.Span, Text: fixed}}
	}
	return nil
}

// isoTime spells the usual other form of a time the way the language does.
func isoTime(text string) string {
	for _, layout := range []string{"2006-01-02 15:04", "2006-01-02 15:04:05", "2006/01/02", "2006-1-2"} {
		t, err := time.Parse(layout, text)
		switch {
		case err != nil:
		case strings.Contains(layout, "15"):
			return t.Format("2006-01-02T15:04:05")
		default:
			return t.Format("2006-01-02")
		}
	}
	return ""
}

func (r *reader) channel(e *yamltree.Entry) {
	if !r.goodName(nameOf(e.Key), "a channel") {
		return
	}
	if x := r.expr(e.Value); x != nil {
		r.cat.Channels = append(r.cat.Channels, &Channel{Name: nameOf(e.Key), Span: e.Span(), When: x})
	}
}
