package assist

import (
	"slices"
	"strings"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/compiler/catalog"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/testform"
	"github.com/segql/segql/internal/keytable"
	"github.com/segql/segql/lang/source"
	"github.com/segql/segql/lang/yamlform"
)

// yamlPlace is a place in a YAML file: what may stand there, or a text in the
// language that is being written.
type yamlPlace struct {
	items []Item
	text  *place
	key   *keytable.Key // under the cursor
}

// yamlLine is one line, read by its indentation, since the whole need not be
// YAML while somebody types.
type yamlLine struct {
	indent int // of the key or text, behind dashes
	dashes bool
	key    string
	value  int // offset where the value, or the text without key, begins
	start  int // offset of key or text
	text   string
}

func readLine(f *source.File, n int) (l yamlLine) {
	at := f.Offset(n, 1)
	line := f.Line(n)
	i := 0
	for i < len(line) {
		switch {
		case line[i] == ' ':
			i++
			continue
		case line[i] == '-' && (i+1 == len(line) || line[i+1] == ' '):
			l.dashes = true
			i++
			continue
		}
		break
	}
	l.indent, l.start, l.text = i, at+i, line[i:]
	if strings.HasPrefix(l.text, "#") {
		l.text = ""
	}
	l.key, l.value = splitKey(l.text)
	l.value += l.start
	return l
}

// splitKey finds `key:` at the beginning of a text, and where its value begins.
func splitKey(text string) (key string, value int) {
	quote := byte(0)
	depth := 0
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '(' || c == '[' || c == '{':
			depth++
		case c == ')' || c == ']' || c == '}':
			depth--
		case c == '#' && i > 0 && text[i-1] == ' ':
			return "", 0
		case c == ':' && depth == 0 && (i+1 == len(text) || text[i+1] == ' '):
			value = i + 1
			for value < len(text) && text[value] == ' ' {
				value++
			}
			return strings.Trim(strings.TrimSpace(text[:i]), `"'`), value
		}
	}
	return "", 0
}

// yamlAt looks at a YAML file.
func (s *State) yamlAt(f *source.File, offset int) yamlPlace {
	n := f.Position(offset).Line
	cur := readLine(f, n)
	column := offset - f.Offset(n, 1)
	indent := cur.indent
	if strings.TrimSpace(f.Line(n)) == "" {
		indent = column
	}
	path, above := parents(f, n, indent)
	forms, entity := s.formsOf(f, path, n)
	w := yamlWriter{s: s, file: f, offset: offset, entity: entity, path: path}
	switch {
	case offset < cur.start && cur.text != "":
		return yamlPlace{}
	case cur.key == "" && above.key != "" && !cur.dashes && continues(f, above, cur):
		if takesExpr(path, forms) {
			return yamlPlace{text: w.text(blockStart(f, above))}
		}
		return yamlPlace{}
	case cur.key != "" && offset >= cur.value:
		return w.value(cur, append(slices.Clone(path), cur.key))
	case cur.key != "":
		return w.keys(forms, cur)
	}
	return w.element(forms, cur)
}

// continues reports whether a line goes on with the text of the line above.
func continues(f *source.File, above, cur yamlLine) bool {
	if above.value >= len(f.Text) {
		return false
	}
	rest := strings.TrimSpace(f.Text[above.value : above.start+len(above.text)])
	return rest != "" && cur.start > above.start && !strings.HasPrefix(rest, "{") && !strings.HasPrefix(rest, "#")
}

// blockStart is where the text of a key begins: behind `|` and `>` on the next
// line.
func blockStart(f *source.File, l yamlLine) int {
	rest := f.Text[l.value : l.start+len(l.text)]
	if strings.HasPrefix(rest, "|") || strings.HasPrefix(rest, ">") {
		return l.start + len(l.text)
	}
	return unquoted(f, l.value)
}

// unquoted is the offset behind an opening quote.
func unquoted(f *source.File, at int) int {
	if at < len(f.Text) && (f.Text[at] == '"' || f.Text[at] == '\'') {
		return at + 1
	}
	return at
}

// parents are the keys around a line, outermost first, and the nearest line.
func parents(f *source.File, n, indent int) (path []string, nearest yamlLine) {
	for n--; n > 0 && indent > 0; n-- {
		l := readLine(f, n)
		if l.text == "" || l.indent >= indent {
			continue
		}
		if nearest.key == "" && len(path) == 0 {
			nearest = l
		}
		indent = l.indent
		if l.key != "" {
			path = append([]string{l.key}, path...)
		}
		if l.dashes { // the list itself begins further left
			dash := len(f.Line(n)) - len(strings.TrimLeft(f.Line(n), " "))
			indent = min(indent, dash+1)
		}
	}
	return path, nearest
}

// formsOf are the forms of what stands inside of a path of keys.
func (s *State) formsOf(f *source.File, path []string, line int) ([]keytable.Form, *ir.Relation) {
	var tables []*keytable.Table
	entity := s.defaultEntity()
	switch base := f.Name[strings.LastIndexByte(f.Name, '/')+1:]; {
	case base == compiler.CatalogName:
		tables = catalog.Tables()[:1]
	case strings.HasSuffix(base, yamlform.TestSuffix):
		tables = testform.Tables()[:1]
	default:
		kind, of := definitionAt(f, line)
		if rel := s.project.Relation(of); rel != nil && rel.Entity {
			entity = rel
		}
		for _, t := range yamlform.Definitions() {
			if kind == "" || t.Keys[0].Name == kind {
				tables = append(tables, t)
			}
		}
	}
	var forms []keytable.Form
	for _, t := range tables {
		forms = append(forms, keytable.Form{Map: t})
	}
	if len(path) > 0 && f.Name[strings.LastIndexByte(f.Name, '/')+1:] == compiler.CatalogName && (path[0] == "entities" || path[0] == "facts") && len(path) > 1 {
		if rel := s.project.Relation(path[1]); rel != nil {
			entity = rel
		}
	}
	for _, key := range path {
		forms = inside(forms, key)
	}
	return forms, entity
}

// inside are the forms of the value of a key.
func inside(forms []keytable.Form, key string) (out []keytable.Form) {
	for _, f := range flat(forms) {
		switch {
		case f.Map != nil:
			if k := f.Map.Key(key); k != nil {
				out = append(out, k.Takes...)
			}
		case f.Names != nil:
			out = append(out, f.Names...)
		case f.One != nil:
			out = append(out, f.One...)
		case f.Ref != "":
			out = append(out, f)
		}
	}
	return out
}

// flat goes into lists, whose elements stand at the same indentation or deeper.
func flat(forms []keytable.Form) (out []keytable.Form) {
	for _, f := range forms {
		if f.List != nil {
			out = append(out, flat(f.List)...)
			continue
		}
		out = append(out, f)
	}
	return out
}

// definitionAt is the kind of the definition around a line, and its entity.
func definitionAt(f *source.File, line int) (kind, of string) {
	look := func(n int) bool {
		l := readLine(f, n)
		if l.key == "of" && of == "" {
			of = strings.TrimSpace(f.Text[l.value : l.start+len(l.text)])
		}
		if slices.Contains(declWords, l.key) && (l.start == f.Offset(n, 1) || l.dashes) {
			kind = l.key
			return true
		}
		return false
	}
	for n := line; n > 0; n-- {
		if look(n) {
			break
		}
	}
	if of != "" {
		return kind, of
	}
	for n := line + 1; n <= f.Lines(); n++ {
		l := readLine(f, n)
		if slices.Contains(declWords, l.key) && l.dashes {
			break
		}
		if l.key == "of" {
			return kind, strings.TrimSpace(f.Text[l.value : l.start+len(l.text)])
		}
	}
	return kind, of
}

// takesExpr reports whether a text in the language stands at a path.
func takesExpr(path []string, forms []keytable.Form) bool {
	if slices.ContainsFunc(flat(forms), func(f keytable.Form) bool { return f.Ref != "" }) {
		return true
	}
	if len(path) == 0 {
		return false
	}
	switch path[len(path)-1] {
	case "where", "when", "value", "fields", "expr", "by", "at", "known_at", "group_by":
		return true
	}
	return len(path) > 1 && (path[len(path)-2] == "fields" || path[len(path)-2] == "channels")
}

// yamlWriter makes the items of one place.
type yamlWriter struct {
	s      *State
	file   *source.File
	offset int
	entity *ir.Relation
	path   []string
}

// text is a text in the language that begins at an offset.
func (w yamlWriter) text(start int) *place {
	end := len(w.file.Text)
	if i := strings.Index(w.file.Text[w.offset:], "\n"); i >= 0 {
		end = w.offset + i
	}
	p := &place{s: w.s, file: w.file, kind: "yaml", entity: w.entity}
	p.tokens(min(start, w.offset), end, w.offset)
	p.walk()
	return p
}

// keys are those of a map that are not there yet.
func (w yamlWriter) keys(forms []keytable.Form, cur yamlLine) yamlPlace {
	var out yamlPlace
	at := source.Span{File: w.file, Start: cur.start, End: w.offset}
	out.items = []Item{}
	for _, f := range flat(forms) {
		if f.Map == nil {
			continue
		}
		for i := range f.Map.Keys {
			k := &f.Map.Keys[i]
			if k.Name == cur.key {
				out.key = k
			}
			out.items = append(out.items, Item{Label: k.Name, Kind: KeyItem, Detail: k.Purpose, Doc: "`" + k.Name + ": " + k.Form + "`", Insert: k.Name + ": ", Edit: at})
		}
	}
	for _, it := range w.names() {
		it.Insert += ": "
		it.Edit = at
		out.items = append(out.items, it)
	}
	out.items = uniqueItems(out.items)
	return out
}

// names are the author's own names that are keys of a test.
func (w yamlWriter) names() (items []Item) {
	n := len(w.path)
	if n == 0 || !strings.HasSuffix(w.file.Name, yamlform.TestSuffix) {
		return nil
	}
	switch last := w.path[n-1]; {
	case n > 1 && w.path[n-2] == "rows":
		for _, col := range columnsOf(w.s.project.Relation(last)) {
			items = append(items, Item{Label: col.Name, Kind: AttributeItem, Detail: col.Type.String(), Insert: yamlValue(col.Name)})
		}
	case last == "rows":
		for _, r := range w.s.project.Relations {
			items = append(items, Item{Label: r.Name, Kind: EntityItem, Insert: yamlValue(r.Name)})
		}
	case last == "expect":
		for _, g := range w.s.segments() {
			items = append(items, Item{Label: g.name, Kind: SegmentItem, Detail: g.title, Insert: yamlValue(g.name), Deprecated: w.s.outdated(g.symbol())})
		}
	case last == "set", last == "traits":
		for _, d := range w.s.decls(map[string]string{"set": "param", "traits": "trait"}[last]) {
			items = append(items, Item{Label: d.name, Kind: ParamItem, Detail: d.title, Insert: yamlValue(d.name)})
		}
	}
	return items
}

// element is a line without a key: a key being written, an element of a list,
// a condition.
func (w yamlWriter) element(forms []keytable.Form, cur yamlLine) yamlPlace {
	if takesExpr(w.path, forms) {
		p := w.text(unquoted(w.file, cur.start))
		if len(p.before) > 0 || p.inText {
			return yamlPlace{text: p}
		}
		items := p.items()
		for i := range items {
			items[i].Edit = source.Span{File: w.file, Start: p.word.Start, End: p.word.End}
			if items[i].Insert == "" {
				items[i].Insert = items[i].Label
			}
		}
		for _, k := range []string{"and", "or", "not"} {
			items = append(items, Item{Label: k + ":", Kind: KeyItem, Insert: k + ":", Edit: source.Span{File: w.file, Start: cur.start, End: w.offset}})
		}
		return yamlPlace{items: items}
	}
	if inner, key, ok := flow(w.file.Text[cur.start:w.offset]); ok {
		return w.flowValue(forms, w.path, inner, key)
	}
	return w.keys(forms, cur)
}

// value is what stands behind `key:`.
func (w yamlWriter) value(cur yamlLine, path []string) yamlPlace {
	forms, _ := w.s.formsOf(w.file, path, w.file.Position(w.offset).Line)
	rest := w.file.Text[cur.value:w.offset]
	if inner, key, ok := flow(rest); ok {
		return w.flowValue(forms, path, inner, key)
	}
	at := source.Span{File: w.file, Start: cur.value, End: max(cur.value, w.offset)}
	items := w.words(forms, cur.key)
	if condition := conditionAt(forms); condition && isSubject(path) {
		for _, v := range w.declared(cur.key) {
			items = append(items, Item{Label: v, Kind: ValueItem, Insert: yamlValue(v)})
		}
	} else if takesExpr(path, forms) && !slices.Contains([]string{"and", "or"}, cur.key) {
		return yamlPlace{text: w.text(unquoted(w.file, cur.value))}
	}
	for i := range items {
		items[i].Edit = at
	}
	return yamlPlace{items: append([]Item{}, items...)}
}

// isSubject reports whether the last key of a condition is a subject.
func isSubject(path []string) bool {
	switch path[len(path)-1] {
	case "where", "when", "and", "or", "not", "expect":
		return false
	}
	return true
}

func conditionAt(forms []keytable.Form) bool {
	return slices.ContainsFunc(flat(forms), func(f keytable.Form) bool { return f.Ref != "" })
}

// words are the fixed values of a key, or the names it takes.
func (w yamlWriter) words(forms []keytable.Form, key string) (items []Item) {
	for _, f := range flat(forms) {
		for _, word := range f.Words {
			items = append(items, Item{Label: word, Kind: ValueItem, Insert: word})
		}
		if f.Flag {
			items = append(items, Item{Label: "true", Kind: KeywordItem, Insert: "true"}, Item{Label: "false", Kind: KeywordItem, Insert: "false"})
		}
	}
	relations := func(entities, facts bool) {
		for _, r := range w.s.project.Relations {
			if r.Entity && entities || !r.Entity && facts {
				items = append(items, Item{Label: r.Name, Kind: EntityItem, Insert: r.Name})
			}
		}
	}
	isCatalog := strings.HasSuffix(w.file.Name, compiler.CatalogName)
	switch {
	case key == "of":
		relations(true, isCatalog)
	case key == "entity" && isCatalog:
		relations(true, false)
	case key == "from" && isCatalog:
		relations(true, true)
	case key == "type" && isCatalog:
		for _, t := range []string{"text", "int", "decimal(12, 2)", "float", "bool", "date", "time", "place", "version", "list<text>"} {
			items = append(items, Item{Label: t, Kind: ValueItem, Insert: t})
		}
	}
	return items
}

// declared are the declared values of a subject.
func (w yamlWriter) declared(subject string) []string {
	p := &place{s: w.s, file: w.file, frames: []frame{{rel: w.entity}}}
	t, ok := p.typeOf(w.entity, strings.Split(subject, "."))
	if !ok {
		return nil
	}
	if t.Elem != nil {
		t = *t.Elem
	}
	return t.Values
}
