// Package diff compares two versions of a project: which segments mean
// something else now, in which direction, and which definition made it so.
//
// What is said of a direction is proved (compiler/prove): a segment is
// narrower when every member it can have now it could have before, whatever
// the data. What cannot be proved is changed, with the reason; it is for the
// data to tell how many that concerns (runtime.Plan).
package diff

import (
	"cmp"
	"slices"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/prove"
	"github.com/segql/segql/lang/source"
)

// Kind is what became of a segment.
type Kind string

// Kinds, the gravest first. Members of a segment can differ between the
// versions for all of them before Renamed.
const (
	Removed  Kind = "removed"
	Disjoint Kind = "disjoint" // proved: nobody who could be in it can be now
	Changed  Kind = "changed"  // some may enter and some may leave, or it is not known
	Wider    Kind = "wider"    // proved: nobody can leave by this change
	Narrower Kind = "narrower" // proved: nobody can enter by this change
	Added    Kind = "added"
	Renamed  Kind = "renamed"  // proved: the same members under another name
	Equal    Kind = "equal"    // proved: written differently, the same members
	Metadata Kind = "metadata" // the same condition; its title, owner, expectations … differ
)

// Kinds in their order.
var Kinds = []Kind{Removed, Disjoint, Changed, Wider, Narrower, Added, Renamed, Equal, Metadata}

// Moves reports whether somebody may be a member in one version and not in
// the other.
func (k Kind) Moves() bool { return slices.Index(Kinds, k) < slices.Index(Kinds, Renamed) }

// Change is one segment that differs.
type Change struct {
	Name     string // in the newer version; of a removed segment, in the older
	Was      string // the older name of a renamed segment, else ""
	Kind     Kind
	Old, New *ir.Segment // nil: not in this version
	// Reason says of Changed why no direction is known; "" when it is known
	// that some can enter and some can leave.
	Reason string
	// Empty: proved that nobody can be in it now. WasEmpty: nobody could be.
	Empty, WasEmpty bool
	// Entering and Leaving are customers who would; nil where there is none or
	// none was found.
	Entering, Leaving *prove.Witness
	Causes            []Cause
	Meta              []Edit // what differs besides the meaning
}

// Segment is the newer one, or of a removed segment the older.
func (c *Change) Segment() *ir.Segment {
	if c.New != nil {
		return c.New
	}
	return c.Old
}

// Cause is a definition that differs and that a segment depends on.
type Cause struct {
	Kind string // segment, branch, trait, param, list, attribute, fact, entity, lookup, channel, setting, …
	Name string // "min_spend", "sales.amount"; "" for the segment itself
	How  string // added, removed, changed or, of a segment, renamed
	// Edits are what differs in it. Of a list in a file only that it differs.
	Edits []Edit
	// Via are the definitions on the way from the segment to it.
	Via []string
	At  source.Span // its name, in the newer version unless it was removed
}

// Edit is one part of a definition in both versions; "" where it is not given.
type Edit struct {
	Key           string // where, type, source, title …; "" for the value of a param, trait or list
	Before, After string
}

// Report is everything that differs.
type Report struct {
	Changes []*Change // the gravest first, then by name
	// Definitions are all that were edited, whether a segment depends on them
	// or not, in the order of the newer version.
	Definitions []Cause
	Same        int // segments that are as before
}

// Moves are the changes after which members can differ.
func (r *Report) Moves() []*Change {
	var out []*Change
	for _, c := range r.Changes {
		if c.Kind.Moves() {
			out = append(out, c)
		}
	}
	return out
}

// budget bounds what is spent on one proof: a comparison asks several questions
// of every segment that differs, and what cannot be told fast is changed.
const budget = 5_000

// Compare compares two versions that have been checked without errors. A
// version without a catalog has no segments.
func Compare(before, after *Version) *Report {
	c := &comparison{old: before, new: after, was: meaningOf(before.Project.Project), is: meaningOf(after.Project.Project)}
	if before.Catalog != nil && after.Catalog != nil {
		c.prover = prove.New(after.Project.Project, prove.Options{Budget: budget, ProofsOnly: true})
		c.finder = prove.New(after.Project.Project, prove.Options{Budget: budget})
		c.adopted = adopt(c.was, c.is)
	}
	r := &Report{}
	var added, removed []*ir.Segment
	for _, s := range after.Segments {
		was := before.Segment(s.Name)
		if was == nil {
			added = append(added, s)
			continue
		}
		if change := c.compare(was, s); change != nil {
			r.Changes = append(r.Changes, change)
		} else {
			r.Same++
		}
	}
	for _, s := range before.Segments {
		if after.Segment(s.Name) == nil {
			removed = append(removed, s)
		}
	}
	r.Changes = append(r.Changes, c.renamed(removed, added)...)
	slices.SortStableFunc(r.Changes, func(a, b *Change) int {
		return cmp.Or(slices.Index(Kinds, a.Kind)-slices.Index(Kinds, b.Kind), cmp.Compare(a.Name, b.Name))
	})
	r.Definitions = c.edited(r.Changes)
	return r
}

// comparison is one call of Compare.
type comparison struct {
	old, new *Version
	was, is  *meaning
	prover   *prove.Prover // nil: one version has no catalog
	finder   *prove.Prover // looks for witnesses too
	adopted  *adoption
	changed  map[id]*Cause // see causes
}

// compare gives what became of a segment, nil when nothing did.
func (c *comparison) compare(was, is *ir.Segment) *Change {
	change := &Change{Name: is.Name, Old: was, New: is, Meta: metaEdits(was, is)}
	if c.was.segment(was) == c.is.segment(is) {
		switch {
		case c.rewritten(was, is):
			change.Kind = Equal
		case len(change.Meta) > 0:
			change.Kind = Metadata
		default:
			return nil
		}
		return change
	}
	c.direct(change)
	change.Causes = c.causes(was, is)
	return change
}

// rewritten reports whether a segment's own definition reads differently.
func (c *comparison) rewritten(was, is *ir.Segment) bool {
	a, b := c.old.definitionOf(was), c.new.definitionOf(is)
	return a != nil && b != nil && !slices.Equal(a.parts, b.parts)
}

// renamed pairs removed with added segments that are proved to be the same,
// and gives what is left as removed and added.
func (c *comparison) renamed(removed, added []*ir.Segment) (changes []*Change) {
	taken := map[*ir.Segment]bool{}
	for _, was := range removed {
		is := c.successor(was, added, taken)
		if is == nil {
			changes = append(changes, &Change{Name: was.Name, Kind: Removed, Old: was})
			continue
		}
		taken[is] = true
		changes = append(changes, &Change{Name: is.Name, Was: was.Name, Kind: Renamed, Old: was, New: is, Meta: metaEdits(was, is)})
	}
	for _, is := range added {
		if !taken[is] {
			changes = append(changes, &Change{Name: is.Name, Kind: Added, New: is})
		}
	}
	return changes
}

// maxPairs bounds the pairs that are looked at for renamed segments.
const maxPairs = 400

// successor is the added segment that means what a removed one did. Of several
// the one with the same title is it.
func (c *comparison) successor(was *ir.Segment, added []*ir.Segment, taken map[*ir.Segment]bool) *ir.Segment {
	var found []*ir.Segment
	for i, is := range added {
		if taken[is] || is.Entity.Name != was.Entity.Name {
			continue
		}
		if c.was.segment(was) == c.is.segment(is) || i < maxPairs && c.equal(was, is) {
			found = append(found, is)
		}
	}
	if len(found) == 0 {
		return nil
	}
	for _, is := range found {
		if is.Meta.Title == was.Meta.Title {
			return is
		}
	}
	return found[0]
}
