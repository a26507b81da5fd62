package assist_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/compiler/assist"
	"github.com/segql/segql/compiler/check"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/lang/source"
)

// TestHover: what is said of the word at the mark; "" nothing.
func TestHover(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"a.seg", "segment a { where gen|der = \"male\" }", "customer.gender: text|one of `\"female\"`, `\"male\"`"},
		{"a.seg", "segment a { where |city = \"x\" }", "**Thành phố**"},
		{"a.seg", "segment a { where email| is known }", "about a person"},
		{"a.seg", "segment a { where spe|nd > 1 }", "trait spend: decimal|= sum(amount of orders)"},
		{"a.seg", "segment a { where spend > min_s|pend }", "param min_spend = 5_000|--set min_spend"},
		{"a.seg", "segment a { where city in big|_cities }", `list big_cities = "Huế", "Vinh"`},
		{"a.seg", "segment a { where in segment vi|p }", "**Khách quý**|spend >= min_spend|and city in big_cities|**1,234** members"},
		{"a.seg", "segment a { where in segment cycle.n|ew }", "**Khách mới**|when none(orders)"},
		{"a.seg", "segment a { where in segment cyc|le.new }", "split cycle|- `new` Khách mới"},
		{"a.seg", "segment a { where any(ord|ers where amount > 1) }", "fact orders of customer|read from `s.csv`"},
		{"a.seg", "segment a { where fi|rm.name = \"x\" }", "customer.firm: a row of company"},
		{"a.seg", "segment a { where c|ount(orders) > 1 }", "count(FACT)|How many rows"},
		{"a.seg", "segment a { where le|ngth(city) > 1 }", "length("},
		{"a.seg", "segment a { where birthday in l|ast 3 days }", "`in last"},
		{"a.seg", "segment a { where birthday in last 3 day|s }", "**days**"},
		{"a.seg", "segment a {\n  ow|ner: \"x\"\n  where email is known\n}", "who answers for it"},
		{"a.seg", "segm|ent a { where email is known }", "a segment"},
		{"a.seg", "segment a { where city = \"Hu|ế\" }", ""},
		{"a.seg", "# segment v|ip\n", ""},
		// Broken text, of which the check says nothing.
		{"a.seg", "segment a { where gen|der = and ( }", "customer.gender"},
		{"a.seg", "segment a { where any(orders where sta|tus = }", "orders.status"},
		{"a.seg", "segment a { where ( in segment vi|p", "Khách quý"},

		{"a.seg.yaml", "segment: a\nwhere:\n  and:\n    - gen|der: male\n", "customer.gender"},
		{"a.seg.yaml", "segment: a\now|ner: x\nwhere: email is known\n", "who answers for it"},
		{"catalog.yaml", strings.Replace(shopCatalog, "belongs_to", "belong|s_to", 1), "belongs_to"},
		{"catalog.yaml", strings.Replace(shopCatalog, "  orders:", "  ord|ers:", 1), "fact orders"},
		{"b_test.seg.yaml", "test: x\nas_of: 2025-01-01\nexpect:\n  v|ip: {size: 0}\n", "Khách quý"},
	} {
		s, f, offset := state(t, c.name, c.text)
		s = s.WithSizes(map[string]assist.Size{"vip": {Members: 1234, AsOf: "2025-06-01"}})
		info, ok := s.Hover(f, offset)
		if ok != (c.want != "") {
			t.Errorf("%s: %q", c.text, info.Text)
			continue
		}
		for _, w := range strings.Split(c.want, "|") {
			if !strings.Contains(info.Text, w) {
				t.Errorf("%s\nlacks %q:\n%s", around(c.text), w, info.Text)
			}
		}
	}
}

// TestDefinition: what the name at the mark leads to, and from where else.
func TestDefinition(t *testing.T) {
	for _, c := range []struct {
		name, text, want string
		uses             int // declaration included
	}{
		{"a.seg", "segment a { where in segment v|ip }", "shop.seg:7 vip", 4},
		{"a.seg", "segment a { where spe|nd > 1 }", "shop.seg:5 spend", 3},
		{"a.seg", "segment a { where in segment cycle.o|ld }", "shop.seg:15 old", 3},
		{"a.seg", "segment a { where in segment tet.tes|t }", "shop.seg:19 test", 2},
		{"a.seg", "segment a { where in segment t|et.test }", "shop.seg:17 tet", 2},
		{"a.seg", "segment a { where |city = \"x\" }", "catalog.yaml:8 city", 4},
		{"a.seg", "segment a { where sum(amo|unt of orders) > 1 }", "catalog.yaml:27 amount", 5},
		{"a.seg", "segment a { where any(or|ders) }", "catalog.yaml:22 orders", 6},
		{"a.seg", "segment a { where any(orders where cus|tomer.city = \"x\") }", "catalog.yaml:3 customer", 5},
		{"a.seg", "segment a of company { where count(sta|ff) > 1 }", "catalog.yaml:19 staff", 2},
		{"a.seg", "segment a { where city in big_ci|ties and (", "shop.seg:1 big_cities", 2},
		{"a.seg", "segment a { where value.rec|ency > 1 }", "shop.seg:6 value", 2},
		{"a.seg", "segment a {\n  channels: [\"ema|il\"]\n  where email is known\n}", "catalog.yaml:29 email", 2},
		{"a.seg", "segment a { where cou|nt(orders) > 1 }", "", 0},
		{"catalog.yaml", strings.Replace(shopCatalog, "of: customer\n", "of: cust|omer\n", 1), "catalog.yaml:3 customer", 4},
		{"b_test.seg.yaml", "test: x\nset: {min_sp|end: 3}\nexpect: {vip: {size: 0}}\n", "shop.seg:2 min_spend", 4},
	} {
		s, f, offset := state(t, c.name, c.text)
		got := ""
		if at, ok := s.Definition(f, offset); ok {
			got = fmt.Sprintf("%s:%d %s", at.File.Name, at.Pos().Line, at.Text())
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.text, got, c.want)
		}
		refs := s.References(f, offset, true)
		if len(refs) != c.uses {
			var all []string
			for _, r := range refs {
				all = append(all, fmt.Sprintf("%s:%d %s", r.File.Name, r.Pos().Line, r.Text()))
			}
			t.Errorf("%s: uses %d, want %d: %v", around(c.text), len(refs), c.uses, all)
		}
	}
}

// TestRename: the edits in all files, or why there are none.
func TestRename(t *testing.T) {
	const test = "shop_test.seg.yaml"
	for _, c := range []struct{ name, text, to, want string }{
		{"a.seg", "segment a { where in segment v|ip }", "best", "a.seg:1 vip→best; shop.seg:17 vip→best; shop.seg:7 vip→best; " + test + ":10 vip→best"},
		{"a.seg", "segment a { where in segment v|ip }", "rất quý", "a.seg:1 vip→`rất quý`; shop.seg:17 vip→`rất quý`; shop.seg:7 vip→`rất quý`; " + test + ":10 vip→rất quý"},
		{"a.seg", "segment a { where in segment v|ip }", "big_cities", "!there is a list big_cities already"},
		{"a.seg", "segment a { where in segment v|ip }", "where", "a.seg:1 vip→`where`; shop.seg:17 vip→`where`; shop.seg:7 vip→`where`; " + test + ":10 vip→where"},
		{"a.seg", "segment a { where in segment cycle.n|ew }", "fresh", "a.seg:1 new→fresh; shop.seg:14 new→fresh"},
		{"a.seg", "segment a { where in segment cycle.n|ew }", "old", "!there is a branch old already"},
		{"a.seg", "segment a { where spend > min_s|pend }", "gender", "!customer has a column gender already"},
		{"a.seg", "segment a { where spend > min_s|pend }", "`least`", "a.seg:1 min_spend→least; shop.seg:2 min_spend→least; shop.seg:9 min_spend→least; " + test + ":3 min_spend→least"},
		{"a.seg", "segment a { where c|ity = \"x\" }", "town", "a.seg:1 city→town; catalog.yaml:8 city→town; catalog.yaml:8 →column: city, ; shop.seg:9 city→town; " + test + ":6 city→town"},
		{"a.seg", "segment a { where in|come > 1 }", "pay", "a.seg:1 income→pay; catalog.yaml:12 income→pay; catalog.yaml:13 →column: income\n        "},
		{"a.seg", "segment a { where c|ity = \"x\" }", "email", "!customer has a column email already"},
		{"a.seg", "segment a { where c|ity = \"x\" }", "spend", "!there is a trait spend already"},
		{"a.seg", "segment a { where any(or|ders) }", "visits", "!there is a fact visits already"},
		{"a.seg", "segment a { where count(orders) > 1 and any(vis|its) }", "views", "a.seg:1 visits→views; catalog.yaml:28 visits→views"},
		{"a.seg", "segment a { where fi|rm.name = \"x\" }", "employer", "a.seg:1 firm→employer; catalog.yaml:19 firm→employer"},
		{"a.seg", "segment a { where any(addresses where primar|y) }", "x", "!the field primary of a record is called so by the data"},
		{"a.seg", "segment a { where any(orders where cus|tomer.city = \"x\") }", "buyer", "a.seg:1 customer→buyer; catalog.yaml:24 customer→buyer; catalog.yaml:28 customer→buyer; catalog.yaml:3 customer→buyer; " + test + ":5 customer→buyer"},
		{"a.seg", "segment a { where i|d > 1 }", "no", "!id is a column of the data, which catalog.yaml does not declare"},
		{"a.seg", "segment a { where in segment v|ip and ( }", "x", "!there is no name here"},
		{"a.seg", "segment |a { where in segment vip and ( }\n", "x", "!a.seg has errors"},
		{"a.seg.yaml", "segment: a\nwhere:\n  - gender: male\n", "x", "!there is no name here"},
		{"a.seg.yaml", "segment: a\nwhere:\n  and:\n    - in segment \"v|ip\"\n    - spend: {in: [1]}\n", "x", "!"},
		{"a.seg.yaml", "segment: a\nwhere:\n  and:\n    - in segment v|ip\n", "x: y", "!a.seg.yaml:4 is YAML"},
		{"a.seg.yaml", "segment: |a\nwhere: in segment vip\n", "b", "a.seg.yaml:1 a→b"},
	} {
		s, f, offset := state(t, c.name, c.text)
		got := ""
		list, err := s.Rename(f, offset, c.to)
		if err != nil {
			got = "!" + err.Error()
		} else {
			got = shown(list)
			stillRight(t, s, list)
		}
		if strings.HasPrefix(c.want, "!") && strings.HasPrefix(got, c.want) {
			continue
		}
		if got != c.want {
			t.Errorf("%s to %s\n got %s\nwant %s", c.text, c.to, got, c.want)
		}
	}
}

// stillRight applies the edits to all files: the project means what it meant
// before, so that it has no more errors.
func stillRight(t *testing.T, s *assist.State, list []diag.Edit) {
	t.Helper()
	files := fstest.MapFS{}
	p := s.Project()
	sources := []*source.File{p.Catalog.File}
	for _, f := range p.Files {
		sources = append(sources, f.Source)
	}
	compile := func() (n int) {
		_, diags := compiler.Compile(files, compiler.Options{})
		for _, d := range diags {
			if d.Severity == diag.Error {
				n++
				t.Log(d)
			}
		}
		return n
	}
	for _, f := range sources {
		files[f.Name] = &fstest.MapFile{Data: []byte(f.Text)}
	}
	before := compile()
	for _, f := range sources {
		text, err := diag.Apply(f, list)
		if err != nil {
			t.Fatal(err)
		}
		files[f.Name] = &fstest.MapFile{Data: []byte(text)}
	}
	if after := compile(); after > before {
		t.Errorf("%d errors before, %d after %s", before, after, shown(list))
	}
}

func shown(list []diag.Edit) string {
	var out []string
	for _, e := range list {
		out = append(out, fmt.Sprintf("%s:%d %s→%s", e.Span.File.Name, e.Span.Pos().Line, e.Span.Text(), e.Text))
	}
	slices.Sort(out)
	return strings.Join(out, "; ")
}

func TestSignature(t *testing.T) {
	for _, c := range []struct {
		text, want string
		active     int
	}{
		{"segment a { where days_between(birthday, |) > 1 }", "days_between(", 1},
		{"segment a { where sum(amount of |orders) > 1 }", "sum([distinct] VALUE of FACT)", 0},
		{"segment a { where coalesce(concat(city, email), |\"x\") = \"a\" }", "coalesce(", 1},
		{"segment a { where (|gender = \"x\") }", "", 0},
		{"segment a { where nothing(|gender) }", "", 0},
	} {
		s, f, offset := state(t, "a.seg", c.text)
		sig, ok := s.Signature(f, offset)
		if ok != (c.want != "") || !strings.HasPrefix(sig.Label, c.want) || sig.Active != c.active {
			t.Errorf("%s: %+v", c.text, sig)
		}
	}
}

// TestTokens: each word of a file with how it is coloured.
func TestTokens(t *testing.T) {
	s, f, _ := state(t, "a.seg", "# c\nsegment a {\n  title: \"x\"\n  where gender = \"male\" and spend > min_spend and in segment vip\n    and count(orders in last 3 days where status matches /x/) > 1\n}\n")
	var got []string
	for _, k := range s.Tokens(f) {
		text := f.Text[k.Start:k.End] + ":" + assist.TokenTypes[k.Type]
		if k.Declares {
			text += "!"
		}
		got = append(got, text)
	}
	want := `# c:comment segment:keyword a:class! title:keyword "x":string where:keyword gender:property =:operator "male":string and:keyword spend:macro >:operator min_spend:variable ` +
		`and:keyword in:keyword segment:keyword vip:class and:keyword count:function orders:struct in:keyword last:keyword 3:number days:keyword where:keyword status:property matches:keyword /x/:regexp >:operator 1:number`
	if g := strings.Join(got, " "); g != want {
		t.Errorf("got  %s\nwant %s", g, want)
	}
}

// TestOutline: outline, lenses, hints, what is found by a part of its name,
// folds and selections.
func TestOutline(t *testing.T) {
	s, f, offset := state(t, "a.seg", "# one\n# two\nsegment a {\n  where gender in [\n    \"male|\"\n  ] and spend > min_spend\n}\n")
	s = s.WithSizes(map[string]assist.Size{"a": {Members: 12345}, "cycle.old": {Members: 7}})
	shopFile := source.New("shop.seg", shopDefs)
	var names []string
	for _, sym := range s.Outline(shopFile) {
		names = append(names, sym.Name)
		for _, child := range sym.Children {
			names = append(names, "."+child.Name)
		}
	}
	if got := strings.Join(names, " "); got != "big_cities min_spend back spend value vip good_firms cycle .new .old tet .control .test" {
		t.Error(got)
	}
	var lenses []string
	for _, l := range s.Lenses(shopFile) {
		lenses = append(lenses, l.Args[0]+" "+l.Title)
	}
	if got := strings.Join(lenses, ", "); got != "vip members, vip why, vip run tests, good_firms members, good_firms why, cycle.new members, cycle.new why, cycle.old 7 members, cycle.old why, cycle.old run tests, tet.control members, tet.control why, tet.test members, tet.test why" {
		t.Error(got)
	}
	var hints []string
	for _, h := range s.Hints(f) {
		hints = append(hints, h.Text)
	}
	if got := strings.Join(hints, ","); got != " 12,345, = 5_000" {
		t.Errorf("hints: %s", got)
	}
	for query, want := range map[string]string{"vong": "cycle", "vip": "vip", "bgct": "big_cities", "zalo": "zalo", "who is": "who is a vip", "gfirm": "good_firms"} {
		if found := s.Find(query); len(found) == 0 || found[0].Name != want {
			t.Errorf("%s: %v", query, found)
		}
	}
	var folds []string
	for _, fold := range assist.Folds(f) {
		folds = append(folds, fmt.Sprintf("%d-%d", fold.Span.Pos().Line, f.Position(fold.Span.End).Line))
	}
	if got := strings.Join(folds, " "); got != "4-6 3-7 1-2" {
		t.Errorf("folds: %s", got)
	}
	var last source.Span
	var sizes []string
	for _, sel := range assist.Selections(f, offset) {
		if last.File != nil && (sel.Start > last.Start || sel.End < last.End || sel == last) {
			t.Errorf("%v is not around %v", sel, last)
		}
		last = sel
		sizes = append(sizes, strings.Fields(sel.Text())[0])
	}
	if got := strings.Join(sizes, " "); got != `"male" [ { segment #` {
		t.Errorf("selections: %s", got)
	}
	if n := len(assist.YAMLFolds(source.New("catalog.yaml", shopCatalog))); n < 5 {
		t.Errorf("%d folds", n)
	}
}

// TestAnywhere: no question at any place of any text, whole or cut off, may
// end in anything but an answer.
func TestAnywhere(t *testing.T) {
	for name, text := range map[string]string{"a.seg": shopDefs, "a.seg.yaml": "- segment: a\n  where:\n    and:\n      - gender: {in: [male]}\n      - 'spend > 1'\n- split: s\n  branches:\n    - {branch: x, when: none(orders)}\n    - {branch: y, when: otherwise}\n",
		"catalog.yaml": shopCatalog, "b_test.seg.yaml": shopTest} {
		s, f, _ := state(t, name, text)
		for i := range len(text) + 1 {
			cut := source.New(name, text[:i])
			askAll(s, f, i)
			askAll(s, cut, i)
		}
	}
}

func askAll(s *assist.State, f *source.File, at int) {
	s.Complete(f, at)
	s.Hover(f, at)
	s.Definition(f, at)
	s.References(f, at, true)
	s.Signature(f, at)
	_, _ = s.Rename(f, at, "x")
	assist.Selections(f, at)
}

// TestDeprecated: what is deprecated is offered last, and hovers say so first.
func TestDeprecated(t *testing.T) {
	catalog := strings.NewReplacer("birthday: {type: date}", "birthday: {type: date, deprecated: use `born`}", "active: {type: bool}", "active: {type: bool}\n      topics: {type: list<text>, deprecated: use interests}",
		"reverse: staff}", "reverse: staff, deprecated: firms are gone}", "seen_at, attributes", "seen_at, deprecated: count orders, attributes").Replace(shopCatalog)
	const defs = "segment old { deprecated: \"use vip\" where income > 3 }\nsplit was { deprecated: \"use cycle\" x when income > 3 y otherwise }\nholdout done of segment old { deprecated: \"over\" a: 5% b: otherwise }\n"
	for _, c := range []struct{ name, text, label, want string }{
		{"a.seg", "segment a { where | }", "birthday", "use \\`born\\`"},
		{"a.seg", "segment a { where | }", "firm", "firms are gone"},
		{"a.seg", "segment a { where count(orders where customer.|) > 1 }", "birthday", "use \\`born\\`"},
		{"a.seg", "segment a { where any(|) }", "visits", "count orders"},
		{"a.seg", "segment a { where any(|) }", "topics", "use interests"},
		{"a.seg", "segment a of company { where any(|) }", "staff", "firms are gone"},
		{"a.seg", "segment a { where in segment | }", "old", "use vip"},
		{"a.seg", "segment a { where in segment | }", "was.x", "use cycle"},
		{"a.seg", "segment a { where in segment done.| }", "a", "over"},
		{"b_test.seg.yaml", "test: x\nexpect:\n  |", "old", "use vip"},
		{"a.seg", "segment a { where in segment | }", "vip", ""},
	} {
		offset := strings.Index(c.text, "|")
		files := fstest.MapFS{"catalog.yaml": {Data: []byte(catalog)}, "shop.seg": {Data: []byte(shopDefs + defs)}, c.name: {Data: []byte(strings.Replace(c.text, "|", "", 1))}}
		p, _ := compiler.Compile(files, compiler.Options{})
		s, file := assist.New(p, nil, nil), source.New(c.name, string(files[c.name].Data))
		items := s.Complete(file, offset)
		i := slices.IndexFunc(items, func(it assist.Item) bool { return it.Label == c.label })
		switch {
		case i < 0:
			t.Errorf("%s: %s is not offered", c.text, c.label)
		case c.want == "" && (items[i].Deprecated != "" || items[i].Order > 500):
			t.Errorf("%s: %+v", c.text, items[i])
		case c.want != "" && (items[i].Deprecated == "" || items[i].Order < 500 || !strings.Contains(items[i].Doc, "**Deprecated:** "+c.want)):
			t.Errorf("%s: %+v", c.text, items[i])
		}
	}
	for text, want := range map[string]string{
		"segment a { where birt|hday is known }":                      "**Deprecated:** use \\`born\\`\n\n```segql\ncustomer.birthday",
		"segment a { where in segment ol|d }":                         "**Deprecated:** use vip\n\n```segql\nsegment old",
		"segment a { where in segment was.|x }":                       "**Deprecated:** use cycle",
		"segment a { where in segment do|ne.a }":                      "**Deprecated:** over",
		"segment a { where any(vis|its) }":                            "**Deprecated:** count orders",
		"segment a { where fi|rm.size > 3 }":                          "**Deprecated:** firms are gone",
		"segment a {\n  depre|cated: \"x\"\n  where email is known }": "what to use instead",
	} {
		offset := strings.Index(text, "|")
		files := fstest.MapFS{"catalog.yaml": {Data: []byte(catalog)}, "shop.seg": {Data: []byte(shopDefs + defs)}, "a.seg": {Data: []byte(strings.Replace(text, "|", "", 1))}}
		var uses []check.Use
		p, _ := compiler.Compile(files, compiler.Options{Uses: func(u check.Use) { uses = append(uses, u) }})
		info, ok := assist.New(p, uses, nil).Hover(source.New("a.seg", string(files["a.seg"].Data)), offset)
		if !ok || !strings.Contains(info.Text, want) {
			t.Errorf("%s: %s", text, info.Text)
		}
	}
}
