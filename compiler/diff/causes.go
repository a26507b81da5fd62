package diff

import (
	"fmt"
	"slices"
	"strings"

	"github.com/segql/segql/compiler/check"
	"github.com/segql/segql/compiler/ir"
)

// edited are the definitions that differ: those of the newer version in its
// order, then those that are gone.
func (c *comparison) edited(changes []*Change) []Cause {
	c.findChanged()
	was, gone := map[id]*definition{}, map[id]bool{}
	for _, ch := range changes {
		if ch.Kind != Renamed {
			continue
		}
		if a, b := c.old.definitionOf(ch.Old), c.new.definitionOf(ch.New); a != nil && b != nil && a.id != b.id {
			was[b.id], gone[a.id] = a, true
		}
	}
	var out []Cause
	for _, d := range c.new.order {
		cause := c.changed[d.id]
		if cause == nil {
			continue
		}
		if a := was[d.id]; a != nil && cause.How == "added" {
			cause = &Cause{Kind: cause.Kind, Name: cause.Name, How: "renamed", At: cause.At, Edits: append([]Edit{{"name", a.full(), d.full()}}, partEdits(a, d)...)}
		}
		out = append(out, *cause)
	}
	for _, d := range c.old.order {
		if cause := c.changed[d.id]; cause != nil && c.new.defs[d.id] == nil && !gone[d.id] {
			out = append(out, *cause)
		}
	}
	return out
}

// findChanged compares the definitions of the versions by name.
func (c *comparison) findChanged() {
	if c.changed != nil {
		return
	}
	c.changed = map[id]*Cause{}
	for _, d := range c.new.order {
		was := c.old.defs[d.id]
		cause := &Cause{Kind: string(d.kind), Name: d.full(), How: "changed", At: d.name}
		switch {
		case was == nil:
			cause.How = "added"
			cause.Edits = partEdits(&definition{}, d)
		default:
			if cause.Edits = partEdits(was, d); len(cause.Edits) == 0 {
				continue
			}
		}
		c.changed[d.id] = cause
	}
	for _, d := range c.old.order {
		if c.new.defs[d.id] == nil {
			c.changed[d.id] = &Cause{Kind: string(d.kind), Name: d.full(), How: "removed", At: d.name, Edits: partEdits(d, &definition{})}
		}
	}
}

// partEdits are the parts that differ. What may be personal is not shown.
func partEdits(was, is *definition) (edits []Edit) {
	find := func(d *definition, key string) (string, bool) {
		for _, p := range d.parts {
			if p.key == key {
				return p.text, true
			}
		}
		return "", false
	}
	for _, p := range is.parts {
		before, _ := find(was, p.key)
		if before != p.text && !(p.key == order && sameOrder(before, p.text)) {
			edits = append(edits, Edit{p.key, before, p.text})
		}
	}
	for _, p := range was.parts {
		if _, still := find(is, p.key); !still {
			edits = append(edits, Edit{p.key, p.text, ""})
		}
	}
	return edits
}

// sameOrder reports whether the names that are in both lists stand in the same
// order.
func sameOrder(a, b string) bool {
	common := func(list, other string) []string {
		in := strings.Split(other, ", ")
		return slices.DeleteFunc(strings.Split(list, ", "), func(n string) bool { return !slices.Contains(in, n) })
	}
	return slices.Equal(common(a, b), common(b, a))
}

// causes are the definitions that differ among those that a segment depends
// on in either version, the nearest first.
func (c *comparison) causes(was, is *ir.Segment) []Cause {
	c.findChanged()
	var out []Cause
	seen := map[id]bool{}
	for _, start := range []struct {
		v *Version
		s *ir.Segment
	}{{c.new, is}, {c.old, was}} {
		if d := start.v.definitionOf(start.s); d != nil {
			out = append(out, c.reached(start.v, d, seen)...)
		}
	}
	slices.SortStableFunc(out, func(a, b Cause) int { return len(a.Via) - len(b.Via) })
	return out
}

// reached walks from a definition to all it depends on, breadth first. What was
// only added or removed explains nothing where the definition that names it was
// edited; a branch has its say without being named.
func (c *comparison) reached(v *Version, start *definition, seen map[id]bool) (out []Cause) {
	type step struct {
		d   *definition
		via []string
	}
	queue := []step{{start, nil}}
	visited := map[id]bool{start.id: true}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		if cause := c.changed[at.d.id]; cause != nil && !seen[at.d.id] {
			seen[at.d.id] = true
			own := *cause
			own.Via = at.via
			if at.d == start {
				own.Name = ""
			}
			out = append(out, own)
		}
		via := at.via
		if at.d != start {
			via = append(slices.Clone(via), at.d.full())
		}
		for _, use := range at.d.uses {
			if next := v.defs[use]; next != nil && !visited[use] {
				visited[use] = true
				if cause := c.changed[use]; cause != nil && cause.How != "changed" && c.changed[at.d.id] != nil && use.kind != check.Branch {
					continue
				}
				queue = append(queue, step{next, via})
			}
		}
	}
	return out
}

// metaEdits are what two segments say differently about themselves.
func metaEdits(was, is *ir.Segment) (edits []Edit) {
	before, after := metaParts(was), metaParts(is)
	return partEdits(&definition{parts: before}, &definition{parts: after})
}

// metaParts are the properties of a segment that do not decide who is in it.
func metaParts(s *ir.Segment) (parts []part) {
	add := func(key, text string) {
		if text != "" {
			parts = append(parts, part{key, text})
		}
	}
	m := s.Meta
	add("title", m.Title)
	add("description", m.Description)
	add("owner", m.Owner)
	add("goal", m.Goal)
	add("tags", strings.Join(m.Tags, ", "))
	add("channels", strings.Join(m.Channels, ", "))
	if m.Priority > 0 {
		add("priority", fmt.Sprint(m.Priority))
	}
	var expects []string
	for _, e := range s.Expects {
		expects = append(expects, e.Text)
	}
	add("expect", strings.Join(expects, "; "))
	return parts
}
