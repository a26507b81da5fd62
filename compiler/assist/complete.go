package assist

import (
	"slices"
	"strings"

	"github.com/segql/segql/compiler/check"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/lang/source"
	"github.com/segql/segql/lang/syntax"
	"github.com/segql/segql/lang/yamlform"
)

// Item is something that may be written at a place.
type Item struct {
	Label   string
	Kind    ItemKind
	Detail  string // on one line: a type, a signature
	Doc     string // markdown
	Insert  string // with places to fill in, ${1:…}, when Snippet; else plain
	Snippet bool
	Order   int // the smaller ones first
	// Deprecated says what to use instead; "": it may be used.
	Deprecated string
	// Edit is what Insert replaces.
	Edit source.Span
}

// ItemKind says what an item is.
type ItemKind uint8

// Kinds of items.
const (
	KeywordItem ItemKind = iota
	AttributeItem
	BranchItem
	ChannelItem
	EntityItem
	FactItem
	FunctionItem
	KeyItem
	ListItem
	LookupItem
	ParamItem
	SegmentItem
	SnippetItem
	TraitItem
	UnitItem
	ValueItem
)

// Complete gives what may be written at an offset of a file, in the order in
// which it is best shown. The text around may be broken.
func (s *State) Complete(f *source.File, offset int) []Item {
	var p *place
	switch {
	case strings.HasSuffix(f.Name, ".seg"):
		p = s.placeAt(f, offset)
	case strings.HasSuffix(f.Name, ".yaml"), strings.HasSuffix(f.Name, ".yml"):
		y := s.yamlAt(f, offset)
		if y.items != nil || y.text == nil {
			return lastDeprecated(y.items)
		}
		p = y.text
	default:
		return nil
	}
	items := p.items()
	at := source.Span{File: f, Start: p.word.Start, End: p.word.End}
	for i := range items {
		if items[i].Edit.File == nil {
			items[i].Edit = at
		}
		if items[i].Insert == "" {
			items[i].Insert = items[i].Label
		}
	}
	return lastDeprecated(items)
}

// lastDeprecated puts what should not be used any more behind all else, and
// says so.
func lastDeprecated(items []Item) []Item {
	for i := range items {
		if it := &items[i]; it.Deprecated != "" {
			it.Order += 1000
			it.Doc = paragraphs(deprecatedDoc(it.Deprecated), it.Doc)
		}
	}
	return items
}

func deprecatedDoc(text string) string { return "**Deprecated:** " + plain(text) }

// outdated is what is said of a deprecated name; "": it may be used.
func (s *State) outdated(sym check.Symbol) string {
	d, _ := s.project.Deprecated(sym)
	return d.Text
}

// items chooses by what stands before the cursor.
func (p *place) items() []Item {
	prev := p.prev(0)
	switch {
	case p.kind == "comment":
		return nil
	case p.inText:
		return p.textItems()
	case p.kind == "" && len(p.before) == 0, p.kind != "yaml" && p.between():
		return declarations
	case prev.Kind == syntax.OperatorToken && prev.Text == ".":
		return p.partItems()
	}
	if items, done := p.headItems(); done {
		return items
	}
	if items, done := p.bodyItems(); done {
		return items
	}
	return p.exprItems()
}

// between reports a place between two declarations: column 0, or behind the
// brace that closes a body.
func (p *place) between() bool {
	if p.file.Position(p.word.Start).Column == 1 {
		return true
	}
	return p.prev(0).Text == "}" && len(p.frames) == 1 && (p.kind == "segment" || p.kind == "split" || p.kind == "holdout")
}

// headItems are those of `segment NAME of ENTITY` and the like.
func (p *place) headItems() ([]Item, bool) {
	n := len(p.before)
	if p.kind == "" || n == 0 || !p.before[0].Column0 {
		return nil, false
	}
	body := slices.ContainsFunc(p.before, func(t syntax.Token) bool {
		return t.Kind == syntax.OperatorToken && (t.Text == "{" || t.Text == "=")
	})
	switch {
	case body:
		return nil, false
	case n == 1:
		return nil, true // its name
	case p.prev(0).Text == "segment" && n > 2:
		return p.s.segmentItems(nil), true
	case p.prev(0).Text == "of" && n == 3 && p.kind == "holdout":
		return []Item{keyword("segment", "a segment to divide")}, true
	case p.prev(0).Text == "of" && n == 3:
		items := p.s.entityItems()
		if p.kind == "split" {
			items = append(items, keyword("segment", "a segment to divide"))
		}
		return items, true
	case p.prev(0).Text == "." && n > 3:
		return nil, false
	case n == 2:
		switch p.kind {
		case "list":
			return []Item{{Label: "= […]", Kind: SnippetItem, Insert: `= ["$1"]`, Snippet: true}, {Label: "from", Kind: SnippetItem, Insert: `from "$1"`, Snippet: true}}, true
		case "param", "rfm":
			return []Item{keyword("=", "")}, true
		case "trait":
			return []Item{keyword("=", "its value"), keyword("of", "the entity it is about")}, true
		}
		return []Item{keyword("of", "the entity it is about"), {Label: "{ … }", Kind: SnippetItem, Insert: "{\n  $0\n}", Snippet: true}}, true
	case p.kind == "list":
		return []Item{keyword("column", "the column of the file")}, true
	}
	return nil, p.kind != "rfm" && p.kind != "trait"
}

// bodyItems are those at the beginning of a line of a body: keys, where,
// expect, branches.
func (p *place) bodyItems() ([]Item, bool) {
	prev := p.prev(0)
	if p.kind != "segment" && p.kind != "split" && p.kind != "holdout" || len(p.frames) != 2 || p.frames[1].open != "{" {
		return p.metaValue()
	}
	began := !slices.ContainsFunc(p.before[p.frames[1].at+1:], func(t syntax.Token) bool {
		return t.Kind == syntax.WordToken && (t.Text == "where" || t.Text == "when")
	})
	first := p.firstOnLine()
	switch {
	case prev.Text == ":" && prev.Kind == syntax.OperatorToken:
		return p.metaValue()
	case began && (first || prev.Text == "{"):
		return p.bodyKeys(), true
	case first && p.complete():
		var items []Item
		if p.kind == "split" {
			items = append(items, branchItems...)
		} else {
			items = append(items, expectItem)
		}
		return append(items, p.afterOperand()...), true
	case p.kind == "split" && isName(prev) && prev.First, p.kind == "split" && prev.Kind == syntax.TextToken && isName(p.prev(1)) && p.prev(1).First:
		return []Item{keyword("when", "who is in it"), keyword("otherwise", "all whom no branch before takes")}, true
	case prev.Kind == syntax.WordToken && prev.Text == "expect":
		return expectItems, true
	}
	return nil, false
}

var branchItems = []Item{
	{Label: "NAME when …", Kind: SnippetItem, Insert: "${1:name} \"${2:Title}\" when ${3:condition}", Snippet: true, Detail: "a branch: the first that matches wins"},
	{Label: "NAME otherwise", Kind: SnippetItem, Insert: "${1:other} \"${2:Title}\" otherwise", Snippet: true, Detail: "the last branch, which takes the rest"},
}

var expectItem = Item{Label: "expect", Kind: KeywordItem, Detail: "what must hold of the members", Insert: "expect "}

var expectItems = []Item{
	{Label: "size", Kind: SnippetItem, Insert: "size >= ${1:500}", Snippet: true, Detail: "how many members there are, or which share of all"},
	{Label: "share", Kind: SnippetItem, Insert: "share(${1:email is known}) >= ${2:80%}", Snippet: true, Detail: "the share of members for whom a condition holds"},
	{Label: "reachable", Kind: SnippetItem, Insert: "reachable(${1:email}) >= ${2:60%}", Snippet: true, Detail: "the share of members that a channel reaches"},
	{Label: "overlap", Kind: SnippetItem, Insert: "overlap(${1:segment}) <= ${2:30%}", Snippet: true, Detail: "the share of members that are in another segment, too"},
	{Label: "turnover", Kind: SnippetItem, Insert: "turnover <= ${1:10%}", Snippet: true, Detail: "who entered and left, by how many were members before"},
}

// bodyKeys are the keys of a body that are not there yet, and what follows them.
func (p *place) bodyKeys() []Item {
	have := map[string]bool{}
	for i, t := range append(slices.Clone(p.before), p.after...) {
		if t.Kind == syntax.WordToken && t.First && i > 0 {
			have[t.Text] = true
		}
	}
	var items []Item
	for _, k := range definitionTable(p.kind).Keys[1:] {
		switch {
		case have[k.Name] || k.Name == "of" || k.Name == "branches" || k.Name == "groups" || k.Name == "expect":
			continue
		case k.Name == "where":
			items = append(items, Item{Label: "where", Kind: KeywordItem, Detail: k.Purpose, Insert: "where "})
		default:
			items = append(items, metaItem(k))
		}
	}
	switch p.kind {
	case "split":
		items = append(items, branchItems...)
	case "holdout":
		items = append(items, Item{Label: "GROUP: 10%", Kind: SnippetItem, Insert: "${1:control}: ${2:10%}", Snippet: true},
			Item{Label: "GROUP: otherwise", Kind: SnippetItem, Insert: "${1:test}: otherwise", Snippet: true})
	}
	return items
}

func metaItem(k yamlform.Key) Item {
	it := Item{Label: k.Name, Kind: KeyItem, Detail: k.Purpose, Snippet: true, Insert: k.Name + ": \"$1\""}
	switch k.Name {
	case "tags", "channels":
		it.Insert = k.Name + `: ["$1"]`
	case "priority", "valid_from", "valid_until":
		it.Insert = k.Name + ": ${1:" + k.Form + "}"
	}
	return it
}

// definitionTable is the key table of a kind of definition.
func definitionTable(kind string) *yamlform.Table {
	for _, t := range yamlform.Definitions() {
		if t.Keys[0].Name == kind {
			return t
		}
	}
	return &yamlform.Table{Keys: []yamlform.Key{{}}}
}

// metaValue is what follows `key:` in a body.
func (p *place) metaValue() ([]Item, bool) {
	if p.metaKey() != "" {
		return nil, true // a text, a number, a day
	}
	return nil, false
}

// metaKey is the key whose value is being written, "" if none is.
func (p *place) metaKey() string {
	for i := len(p.before) - 1; i > 0; i-- {
		t := p.before[i]
		if t.First || t.Kind == syntax.WordToken && !t.First {
			return ""
		}
		if t.Kind == syntax.OperatorToken && t.Text == ":" && p.before[i-1].First {
			return p.before[i-1].Text
		}
	}
	return ""
}

// firstOnLine reports whether nothing but the word being written stands
// before the cursor on its line.
func (p *place) firstOnLine() bool {
	line := p.file.Text[:p.word.Start]
	return strings.TrimSpace(line[strings.LastIndexByte(line, '\n')+1:]) == ""
}

// complete reports whether an operand or condition ends before the cursor.
func (p *place) complete() bool {
	t := p.prev(0)
	switch t.Kind {
	case syntax.OperatorToken:
		return t.Text == ")" || t.Text == "]" || t.Text == "}"
	case syntax.WordToken:
		return !operandFollows(t, p.prev(1))
	}
	return t.End > 0
}

// operandFollows reports words after which an operand or a name must come.
func operandFollows(t, before syntax.Token) bool {
	switch t.Text {
	case "true", "false", "everyone", "as_of", "today", "yesterday", "tomorrow", "otherwise":
		return false
	case "segment", "last", "next", "this", "previous", "top", "bottom":
		return before.Text == "in" || before.Text == "of" || before.Text == "entered" || before.Text == "left"
	case "every", "for", "allowing", "directly", "followed", "preceded", "distinct", "have":
		return before.Kind != syntax.OperatorToken || before.Text != "."
	}
	return syntax.Reserved(t.Text)
}

// segmentItems are all segments of an entity, nil: of any.
func (s *State) segmentItems(entity *ir.Relation) (items []Item) {
	for _, g := range s.segments() {
		if entity == nil || g.entity == entity.Name || g.entity == "" {
			items = append(items, Item{Label: g.name, Kind: SegmentItem, Detail: g.title, Insert: g.insert, Deprecated: s.outdated(g.symbol())})
		}
	}
	return items
}

func (s *State) entityItems() (items []Item) {
	for _, r := range s.project.Relations {
		if r.Entity {
			items = append(items, Item{Label: r.Name, Kind: EntityItem, Detail: "entity", Insert: syntax.QuoteName(r.Name), Deprecated: s.outdated(check.RelationSymbol(r))})
		}
	}
	return items
}

func keyword(word, detail string) Item {
	return Item{Label: word, Kind: KeywordItem, Detail: detail, Insert: word + " "}
}

// textItems are the texts that may stand in quotes: declared values of what
// they are compared with, channels, elements.
func (p *place) textItems() []Item {
	var items []Item
	for _, v := range p.declared() {
		items = append(items, Item{Label: v, Kind: ValueItem, Insert: quoted(v)})
	}
	if p.metaKey() == "channels" && p.s.project.Catalog != nil {
		for _, ch := range p.s.project.Catalog.Channels {
			items = append(items, Item{Label: ch.Name.Text, Kind: ChannelItem, Insert: quoted(ch.Name.Text)})
		}
	}
	return items
}

func quoted(v string) string { return syntax.Quote(v) }

// declared are the declared values of what is being compared.
func (p *place) declared() []string {
	t, ok := p.compared()
	if !ok {
		return nil
	}
	if t.Kind == value.List && t.Elem != nil {
		t = *t.Elem
	}
	return t.Values
}

// compared is the type of the subject whose value is being written: before an
// operator, or before a set that is open.
func (p *place) compared() (value.Type, bool) {
	i := 0
	if top := p.top(); top.open == "[" {
		i = len(p.before) - top.at
		if len(p.frames) > 1 {
			f := p.frames
			p = &place{s: p.s, file: p.file, before: p.before, frames: f[:len(f)-1]}
		}
	}
	n := i
	for ; n < i+3; n++ {
		t := p.prev(n)
		if t.Kind == syntax.OperatorToken && slices.Contains([]string{"=", "!=", "~=", "<", "<=", ">", ">=", "~contains"}, t.Text) {
			n++
			break
		}
		if t.Kind != syntax.WordToken || !slices.Contains([]string{"in", "contains", "with", "starts", "ends", "has", "any", "all", "none", "of", "between", "not"}, t.Text) {
			break
		}
	}
	for p.prev(n).Kind == syntax.WordToken && slices.Contains([]string{"not", "has"}, p.prev(n).Text) {
		n++
	}
	if n == i {
		return value.Type{}, false
	}
	_, t, ok := p.operand(n)
	return t, ok
}
