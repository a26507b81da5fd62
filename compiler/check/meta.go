package check

import (
	"fmt"
	"slices"

	"github.com/segql/segql/compiler/calendar"
	"github.com/segql/segql/compiler/catalog"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/lang/format"
	"github.com/segql/segql/lang/source"
)

// metaKeys are the keys a definition may have, and what they hold.
var metaKeys = map[string]value.Kind{
	"title": value.Text, "description": value.Text, "owner": value.Text, "goal": value.Text,
	"tags": value.List, "channels": value.List, "priority": value.Int,
	"valid_from": value.Date, "valid_until": value.Date, "deprecated": value.Text,
}

// meta reads the `key: value` lines of a definition.
func (c *checker) meta(m *ir.Meta, lines []ast.Meta) {
	seen := map[string]ast.Ident{}
	for _, l := range lines {
		if l.Value == nil {
			continue // a syntax error
		}
		kind, ok := metaKeys[l.Key.Name]
		if !ok {
			d := c.diags.Errorf(badMeta, l.Key.Loc, "there is no property %q", l.Key.Name)
			if suggestName(d, l.Key.Loc, l.Key.Name, sortedKeys(metaKeys)); d.Help == "" {
				d.Help = "properties: " + listNames(sortedKeys(metaKeys))
			}
			continue
		}
		if before, dup := seen[l.Key.Name]; dup {
			d := c.diags.Errorf(badMeta, l.Key.Loc, "%s is given twice", l.Key.Name)
			d.Labels = []diag.Label{{Span: before.Loc, Text: "first here"}}
			d.Help = "keep one"
			continue
		}
		seen[l.Key.Name] = l.Key
		c.metaValue(m, l, kind)
	}
	if m.ValidFrom != nil && m.ValidUntil != nil && *m.ValidFrom > *m.ValidUntil {
		d := c.diags.Errorf(badMeta, seen["valid_until"].Loc, "valid_until lies before valid_from")
		d.Labels = []diag.Label{{Span: seen["valid_from"].Loc, Text: "valid_from"}}
		d.Help = "the segment would be empty at all times; swap the two days"
	}
}

func (c *checker) metaValue(m *ir.Meta, l ast.Meta, kind value.Kind) {
	bad := func(help string) {
		c.diags.Errorf(badMeta, l.Value.Span(), "%s cannot be %s", l.Key.Name, format.Expr(l.Value)).Help = help
	}
	switch kind {
	case value.Text:
		t, ok := l.Value.(*ast.Text)
		if l.Key.Name == "deprecated" && (!ok || !catalog.SaysWhy(t.Value)) {
			bad(`say what to use instead, as in deprecated: "use loyal_buyers instead"`)
			return
		}
		if !ok {
			bad(`write text in double quotes`)
			return
		}
		*map[string]*string{"title": &m.Title, "description": &m.Description, "owner": &m.Owner, "goal": &m.Goal, "deprecated": &m.Deprecated}[l.Key.Name] = t.Value
	case value.List:
		texts, ok := textsOf(l.Value)
		switch {
		case !ok:
			bad(`write a list of texts, as in ["demographic", "vip"]`)
		case l.Key.Name == "tags":
			m.Tags = texts
		default:
			m.Channels = texts
			c.channels(l.Value.(*ast.Set))
		}
	case value.Int:
		n, ok := l.Value.(*ast.Number)
		k := (*ir.Const)(nil)
		if ok {
			if k = c.number(n); k == nil {
				return
			}
		}
		if k == nil || k.V.Kind != value.Int || k.V.I < 1 || k.V.I > 1_000_000 {
			bad("a priority is a whole number; 1 comes first")
			return
		}
		m.Priority = int(k.V.I)
	case value.Date:
		d, ok := l.Value.(*ast.Date)
		if !ok || d.Day == 0 {
			bad("write a day, as in 2027-01-15")
			return
		}
		day := calendar.Date(d.Year, d.Month, d.Day)
		if l.Key.Name == "valid_from" {
			m.ValidFrom = &day
		} else {
			m.ValidUntil = &day
		}
	}
}

// textsOf reads a list of texts.
func textsOf(e ast.Expr) ([]string, bool) {
	s, ok := e.(*ast.Set)
	if !ok {
		return nil, false
	}
	var texts []string
	for _, e := range s.Elems {
		t, isText := e.(*ast.Text)
		if !isText {
			return nil, false
		}
		texts = append(texts, t.Value)
	}
	return texts, true
}

// channels checks the names against the catalog's channels.
func (c *checker) channels(s *ast.Set) {
	for _, e := range s.Elems {
		t := e.(*ast.Text)
		if c.channel(t.Loc, t.Value) {
			continue
		}
		d := c.noChannel(badMeta, t.Loc, t.Value)
		for i, edit := range d.Edits {
			d.Edits[i].Text = fmt.Sprintf("%q", edit.Text)
		}
	}
}

// channel reports whether the catalog has a channel of a name, used at a place.
func (c *checker) channel(at source.Span, name string) bool {
	i := slices.Index(c.channelNames(), name)
	if i >= 0 {
		c.use(at, Symbol{Kind: Channel, Name: name, At: c.in.Catalog.Channels[i].Name.Span})
	}
	return i >= 0
}

func (c *checker) channelNames() []string {
	var names []string
	for _, ch := range c.in.Catalog.Channels {
		names = append(names, ch.Name.Text)
	}
	return names
}

// noChannel reports a name that no channel of the catalog has.
func (c *checker) noChannel(code diag.Code, at source.Span, name string) *diag.Diagnostic {
	names := c.channelNames()
	d := c.diags.Errorf(code, at, "the catalog has no channel %q", name)
	switch s := diag.Suggest(name, names); {
	case s != "":
		d.Help = didYouMean(name, names)
		d.Edits = []diag.Edit{{Span: at, Text: s}}
	case len(names) == 0:
		d.Help = "declare it in catalog.yaml, as in\n  channels:\n    email: email is known and email_opt_in"
	default:
		d.Help = "channels of the catalog: " + listNames(names)
	}
	return d
}
