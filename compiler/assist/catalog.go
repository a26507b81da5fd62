package assist

import (
	"github.com/segql/segql/compiler/catalog"
	"github.com/segql/segql/compiler/check"
	"github.com/segql/segql/internal/yamltree"
	"github.com/segql/segql/lang/source"
)

// catalog enters what the catalog declares, and where it names entities and
// facts of its own. Names inside of expressions the check has told.
func (s *State) catalog() {
	cat := s.project.Catalog
	if cat == nil {
		return
	}
	for _, e := range cat.Entities {
		s.declare(check.Entity, "", e.Name.Text, e.Name.Span)
		s.relation(&e.Relation)
		for _, u := range e.Universe {
			s.refer(&u.Ref)
		}
	}
	for _, f := range cat.Facts {
		s.declare(check.Fact, "", f.Name.Text, f.Name.Span)
		s.relation(&f.Relation)
		s.refer(f.Of)
	}
	for _, ch := range cat.Channels {
		s.declare(check.Channel, "", ch.Name.Text, ch.Name.Span)
	}
}

func (s *State) relation(r *catalog.Relation) {
	name := r.Name.Text
	for _, a := range r.Attributes {
		s.declare(check.Attribute, name, a.Name.Text, a.Name.Span)
	}
	for _, f := range r.Fields {
		s.declare(check.Attribute, name, f.Name.Text, f.Name.Span)
	}
	for _, l := range r.BelongsTo {
		s.declare(check.Lookup, name, l.Name.Text, l.Name.Span)
		if to := l.Entity.Relation(); to != nil {
			s.declare(check.Reverse, to.Name.Text, l.Reverse.Text, l.Reverse.Span)
		}
		s.refer(&l.Entity)
	}
	s.refer(r.From)
}

// refer enters a place where the catalog names a relation.
func (s *State) refer(ref *catalog.Ref) {
	rel := ref.Relation()
	if ref == nil || rel == nil || ref.Span.File == nil {
		return
	}
	at := ref.Span
	at.End = min(at.End, at.Start+len(rel.Name.Text))
	if at.Text() != rel.Name.Text {
		at = ref.Span
	}
	kind := check.Entity
	if ref.Fact != nil {
		kind = check.Fact
	}
	s.add(check.Use{At: at, Symbol: check.Symbol{Kind: kind, Name: rel.Name.Text, At: rel.Name.Span}}, false)
}

// test enters the names in a file of tests: those of segments, traits, params,
// entities and facts, and of their columns.
func (s *State) test(f *source.File) {
	root, _ := yamltree.Parse(f)
	if root == nil {
		return
	}
	tests := root.Items
	if root.Kind != yamltree.List {
		tests = []*yamltree.Node{root}
	}
	for _, t := range tests {
		s.instant(t)
		if then := t.Get("then"); then != nil {
			for _, n := range then.Value.Items {
				s.instant(n)
			}
		}
	}
}

// instant enters the names that one instant of a test uses.
func (s *State) instant(n *yamltree.Node) {
	each := func(key string, f func(e *yamltree.Entry)) {
		if v := n.Get(key); v != nil {
			for _, e := range v.Value.Entries {
				f(e)
			}
		}
	}
	each("expect", func(e *yamltree.Entry) { s.pathKey(e.Key) })
	each("traits", func(e *yamltree.Entry) {
		s.add(check.Use{At: e.Key.Span, Symbol: check.Symbol{Kind: check.Trait, Name: e.Key.Text}}, false)
	})
	each("set", func(e *yamltree.Entry) {
		s.add(check.Use{At: e.Key.Span, Symbol: check.Symbol{Kind: check.Param, Name: e.Key.Text}}, false)
	})
	each("rows", s.rows)
}

func (s *State) rows(e *yamltree.Entry) {
	rel := s.project.Relation(e.Key.Text)
	if rel == nil {
		return
	}
	s.add(check.Use{At: e.Key.Span, Symbol: check.RelationSymbol(rel)}, false)
	for _, row := range e.Value.Items {
		for _, cell := range row.Entries {
			if col := rel.Column(cell.Key.Text); col != nil {
				s.add(check.Use{At: cell.Key.Span, Symbol: check.ColumnSymbol(rel, col)}, false)
			}
		}
	}
}

// pathKey enters the name of a segment that is a key of YAML.
func (s *State) pathKey(n *yamltree.Node) {
	seg := s.project.Segment(n.Text)
	if seg == nil {
		return
	}
	sym := check.SegmentSymbol(seg)
	start, end, ok := n.Verbatim()
	if sym.Kind == check.Segment || !ok {
		s.add(check.Use{At: n.Span, Symbol: sym}, false)
		return
	}
	dot := start + len(seg.Split)
	s.add(check.Use{At: source.Span{File: n.Span.File, Start: start, End: dot}, Symbol: check.Symbol{Kind: check.Split, Name: seg.Split}}, false)
	s.add(check.Use{At: source.Span{File: n.Span.File, Start: dot + 1, End: end}, Symbol: sym}, false)
}
