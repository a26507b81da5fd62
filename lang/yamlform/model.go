package yamlform

// What is written is first built as a tree of items, from a YAML file (tree.go)
// or from definitions of a .seg file (seg.go), and then laid out (layout.go).

// comment is one # comment on a line of its own.
type comment struct {
	text  string
	blank bool // the author left a line blank before it; only seen between definitions
}

// item is an entry of a map or an element of a list.
type item struct {
	head  []comment
	key   *word // nil in a list
	value *node
	// keyLine is the comment behind `key:` where the value begins on the next
	// line, line the one behind the value.
	keyLine, line string

	// Of definitions only: blank as in comment, and the comment on the line
	// that follows, which a .seg file has behind the closing brace.
	blank bool
	after string

	// In the source: where it begins, where its key or its value ends on the
	// line of a comment behind it, and its place in the table of keys.
	start, keyEnd, end, order int
}

type nodeKind uint8

const (
	wordNode nodeKind = iota
	mapNode
	listNode
)

// node is a value.
type node struct {
	kind  nodeKind
	word  word
	items []*item
	foot  []comment
	// flow is written as […] or {…} when it fits on the line and holds no
	// comments; always even when it does not fit.
	flow, always bool

	// In the source: the column of its entries, from 1, and where it ends.
	column, end int
	flowSource  bool
}

type wordStyle uint8

const (
	// syntaxWord is segql, a number, a date: quoted only where YAML needs it.
	syntaxWord wordStyle = iota
	// textWord is a text, quoted also where it looks like something else.
	textWord
	// openWord is a value of a type not known here, quoted where it looks
	// like something else and its author quoted it.
	openWord
	// cellWord is a value in a row of a test, quoted where YAML needs it, or
	// where its author quoted what is no plain word.
	cellWord
)

// word is a scalar.
type word struct {
	text   string
	style  wordStyle
	quoted bool // by its author
	// lines lays it out on several lines, nil when it stays on one; block
	// says that it must be, for there are comments in it.
	lines func(width int) string
	block bool
	// tail takes a comment behind the value into the lines.
	tail bool
}

func wordOf(text string, style wordStyle) *node { return &node{word: word{text: text, style: style}} }

func mapOf(items ...*item) *node { return &node{kind: mapNode, items: items} }

// entry makes an entry of a map.
func entry(key string, value *node) *item {
	return &item{key: &word{text: key}, value: value}
}
