package bench

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
)

// Segment is one segment, in both languages.
type Segment struct {
	Name string
	// File is its definition in the language.
	File string
	// ByHand is a query that gives the keys of its members. It may read members
	// (segment, customer), where the segments before it stand.
	ByHand string
	groups [][]condition // all of these, any of each
}

// Segments makes the first n segments of a seed. More of them begin with the
// same ones.
func Segments(seed uint64, n int) []Segment {
	const stream = 2 // of random numbers: another one, other segments
	r := &picker{rand.New(rand.NewPCG(seed, stream))}
	list := make([]Segment, n)
	for i := range list {
		list[i] = r.segment(list[:i])
	}
	return list
}

// picker makes choices; with the same seed the same.
type picker struct{ *rand.Rand }

func (r *picker) chance(p float64) bool { return r.Float64() < p }

// low is a number below n, mostly a low one: people use the same few windows,
// names and bounds again and again.
func (r *picker) low(n int) int {
	u := r.Float64()
	return int(u * u * math.Sqrt(u) * float64(n))
}

// pick chooses from a list, mostly its first items.
func pick[T any](r *picker, list []T) T { return list[r.low(len(list))] }

// kinds of conditions and how often they are used, of about 100. A segment asks
// only once about a thing that is named here: nobody asks for customers in Huế
// and in Hanoi.
var kinds = []struct {
	often int
	of    func(*picker) condition
	about string
}{
	{4, gender, "gender"}, {5, age, "age"}, {1, birthdaySoon, "birthday"}, {5, inCities, "place"}, {4, signup, "signup"},
	{4, income, "income"}, {6, reach, "reach"}, {7, kind, "kind"}, {3, family, "family"}, {2, near, "place"},
	{12, countOrders, ""}, {9, sumOrders, ""}, {4, spent, "spent"}, {12, countEvents, ""}, {2, watched, ""}, {8, recent, ""}, {4, never, ""},
	{4, firstLast, "order"}, {1, newBuyer, "new"}, {2, variety, "variety"}, {2, average, "average"}, {3, ratio, "ratio"}, {3, best, "best"}, {3, sequence, ""},
}

// condition of a segment that asks about these things already.
func (r *picker) condition(before []Segment, asked map[string]bool) condition {
	const references = 4
	sum := references
	for _, k := range kinds {
		sum += k.often
	}
	at := r.IntN(sum)
	for _, k := range kinds {
		if at -= k.often; at >= 0 {
			continue
		}
		if asked[k.about] {
			return r.condition(before, asked)
		}
		if k.about != "" {
			asked[k.about] = true
		}
		return k.of(r)
	}
	if len(before) == 0 { // nobody to refer to
		return r.condition(before, asked)
	}
	name := before[r.IntN(len(before))].Name
	c := condition{text: "in segment " + name, keys: "SELECT customer FROM members WHERE segment = " + quote(name)}
	if r.chance(0.35) {
		c.text, c.not = "not "+c.text, true
	}
	return c
}

// segment is about three conditions, some of them alternatives.
func (r *picker) segment(before []Segment) Segment {
	s := Segment{Name: fmt.Sprintf("s%04d", len(before)+1)}
	seen, asked := map[string]bool{}, map[string]bool{}
	add := func(group int) {
		c := r.condition(before, asked)
		for seen[c.text] {
			c = r.condition(before, asked)
		}
		seen[c.text] = true
		if r.chance(0.05) && !c.not {
			c = c.negated()
		}
		if group == len(s.groups) {
			s.groups = append(s.groups, nil)
		}
		s.groups[group] = append(s.groups[group], c)
	}
	for range []int{1, 2, 2, 3, 3, 3, 3, 4}[r.IntN(8)] {
		add(len(s.groups))
	}
	if r.chance(0.2) {
		add(r.IntN(len(s.groups)))
	}
	s.File, s.ByHand = s.file(), s.query()
	return s
}

func (s Segment) file() string {
	var all []string
	for _, group := range s.groups {
		var any []string
		for _, c := range group {
			any = append(any, c.text)
		}
		text := strings.Join(any, " or ")
		if len(any) > 1 && len(s.groups) > 1 {
			text = "(" + text + ")"
		}
		all = append(all, text)
	}
	return fmt.Sprintf("segment %s {\n  title: \"Segment %s\"\n  owner: \"crm@shop.vn\"\n  tags: [\"benchmark\"]\n\n  where %s\n}\n",
		s.Name, s.Name[1:], strings.Join(all, "\n    and "))
}

// query writes the segment as an analyst does. Aggregates of the same rows are
// taken together. The widest is joined to the customers, so that only facts of
// those who meet everything else are grouped; the others are IN or NOT IN.
// DuckDB answers these forms faster than SEMI and ANTI joins, EXISTS, or an IN
// for each.
func (s Segment) query() string {
	groups := together(s.groups)
	main := widest(groups)
	var where []string
	for _, group := range groups {
		var any []string
		for _, c := range group {
			if c.facts == nil || c.facts != main {
				any = append(any, c.byHand())
			}
		}
		if text := strings.Join(any, " OR "); len(any) > 1 || strings.Contains(text, " OR ") {
			where = append(where, "("+text+")")
		} else if text != "" {
			where = append(where, text)
		}
	}
	if main == nil {
		return "SELECT c.id FROM customers c WHERE " + strings.Join(where, "\n  AND ")
	}
	if len(where) == 0 && main.having == "" {
		return "SELECT DISTINCT customer_id FROM " + main.table + " WHERE " + main.where
	}
	if len(where) == 0 {
		return main.query()
	}
	if main.where != "" {
		where = append(where, main.where)
	}
	return "SELECT c.id FROM customers c JOIN " + main.table + " ON customer_id = c.id WHERE " + strings.Join(where, "\n  AND ") +
		"\nGROUP BY c.id HAVING " + main.having
}

// together makes one condition of all that every member must meet, or none may,
// about the same rows.
func together(groups [][]condition) [][]condition {
	var out [][]condition
	for _, group := range groups {
		c := group[0]
		same := slices.IndexFunc(out, func(other []condition) bool {
			o := other[0]
			return len(other) == 1 && o.facts != nil && c.facts != nil && o.not == c.not && o.facts.table == c.facts.table && o.facts.where == c.facts.where
		})
		if len(group) > 1 || same < 0 {
			out = append(out, group)
			continue
		}
		o := out[same][0]
		both := *o.facts
		switch a, b := o.facts.having, c.facts.having; {
		case a != "" && b != "" && c.not:
			both.having = a + " OR " + b
		case a != "" && b != "":
			both.having = a + " AND " + b
		case c.not: // nobody with any such row
			both.having = ""
		default: // an aggregate is of a row at least
			both.having = a + b
		}
		o.facts = &both
		out[same] = []condition{o}
	}
	return out
}

// widest is the aggregate over the most rows that every member must meet, or
// the only condition when it is about facts.
func widest(groups [][]condition) *facts {
	var main *facts
	for _, group := range groups {
		c := group[0]
		if len(group) > 1 || c.facts == nil || c.not || c.facts.having == "" && len(groups) > 1 {
			continue
		}
		if main == nil || c.facts.since < main.since {
			main = c.facts
		}
	}
	return main
}

// Shape counts what the segments are made of.
type Shape struct {
	Segments   int `json:"segments"`
	Conditions int `json:"conditions"`
	Distinct   int `json:"distinct_conditions"`
	Aggregates int `json:"distinct_aggregates"`
}

// ShapeOf counts the conditions of segments.
func ShapeOf(list []Segment) Shape {
	shape := Shape{Segments: len(list)}
	texts, features := map[string]bool{}, map[string]bool{}
	for _, s := range list {
		for _, group := range s.groups {
			for _, c := range group {
				shape.Conditions++
				texts[c.text] = true
				if c.feature != "" {
					features[c.feature] = true
				}
			}
		}
	}
	shape.Distinct, shape.Aggregates = len(texts), len(features)
	return shape
}
