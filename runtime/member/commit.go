package member

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/segql/segql/runtime/duckdb"
)

// Commit records a run in one transaction: either all of it is in the store
// afterwards or nothing. The outcome has one entry per segment, in order.
func (s *Store) Commit(ctx context.Context, b Batch) ([]Outcome, error) {
	if s.mode != Write {
		return nil, errors.New("commit a run: the store is open for reading only")
	}
	c := &commit{Store: s, b: b, numbers: map[string]*numbers{}}
	var err error
	for _, step := range []func(context.Context) error{c.begin, c.segments, c.number, c.compare, c.stage, c.writeAll} {
		if err == nil {
			err = step(ctx)
		}
	}
	if failed := c.unstage(ctx); err == nil {
		err = failed
	}
	if err != nil {
		return nil, err
	}
	var out []Outcome
	for _, p := range c.parts {
		if !p.gone {
			out = append(out, Outcome{p.Name, p.size, p.entered, p.left})
		}
	}
	return out, nil
}

// commit is one commit under way. What is to be written is first worked out:
// the file is open for this process alone, so nothing can change meanwhile. The
// transaction then only inserts and deletes.
type commit struct {
	*Store
	b       Batch
	seq     int32
	parts   []*part
	numbers map[string]*numbers // by entity
	end     int                 // all numbers are below

	entered, left []container // for log.change; who entered are also for log.member
	broken        []int64     // rows of log.member of which some have left
	rest          []container // what is left of those
}

// part is one segment's part of the commit.
type part struct {
	Segment
	id                  int32
	fresh               bool // the store has not seen it
	gone                bool // it is not in the run
	cause               Cause
	size, entered, left int64
}

const doing = "store the run"

// sql replaces {seq} too, the run's number.
func (c *commit) sql(text string) string {
	return c.Store.sql(strings.ReplaceAll(text, "{seq}", fmt.Sprint(c.seq)))
}

func (c *commit) run(ctx context.Context, texts ...string) error {
	for _, text := range texts {
		if err := c.exec(ctx, doing, c.sql(text)); err != nil {
			return err
		}
	}
	return nil
}

func (c *commit) row(ctx context.Context, text string, dest ...any) error {
	return c.explain(c.session.QueryRow(ctx, doing, c.sql(text), dest...))
}

// insert writes rows of values, not too many at a time: a statement of
// thousands parses slowly.
func (c *commit) insert(ctx context.Context, table string, rows []string) error {
	for some := range slices.Chunk(rows, 500) {
		if err := c.run(ctx, "INSERT INTO "+table+" VALUES "+strings.Join(some, ",\n")); err != nil {
			return err
		}
	}
	return nil
}

// begin checks the run and gives it its number.
func (c *commit) begin(ctx context.Context) error {
	r := c.b.Run
	if !r.Historical {
		if err := c.CheckAsOf(ctx, r.AsOf); err != nil {
			return err
		}
	}
	var same int
	if err := c.row(ctx, "SELECT coalesce(max(seq), 0) + 1, count(*) FILTER (WHERE run = "+duckdb.QuoteText(r.ID)+") FROM {log}.run", &c.seq, &same); err != nil {
		return err
	}
	if same > 0 || r.ID == "" {
		return fmt.Errorf("store the run: its ID %q is empty or taken", r.ID)
	}
	return nil
}

// segments numbers the run's segments and finds the cause of their changes.
// Segments that are gone take part without members.
func (c *commit) segments(ctx context.Context) error {
	known, last, err := c.stored(ctx)
	if err != nil {
		return err
	}
	same, err := c.sameData(ctx)
	if err != nil {
		return err
	}
	listed := map[string]bool{}
	for _, g := range c.b.Segments {
		if listed[g.Name] {
			return fmt.Errorf("store the run: segment %s is listed twice", g.Name)
		}
		listed[g.Name] = true
		if !slices.ContainsFunc(c.b.Universes, func(u duckdb.Universe) bool { return u.Entity == g.Entity }) {
			return fmt.Errorf("store the run: segment %s is of %s, whose rows are not given", g.Name, g.Entity)
		}
		p := &part{Segment: g, cause: ByData}
		if id, ok := known[Ref{g.Name, g.Entity}]; ok {
			p.id = id
			delete(known, Ref{g.Name, g.Entity})
		} else {
			last.highest++
			p.id, p.fresh = last.highest, true
		}
		switch definition, ok := last.definitions[p.id]; {
		case !ok || definition != g.Definition:
			p.cause = ByDefinition
		case same:
			p.cause = ByTime
		}
		c.parts = append(c.parts, p)
	}
	if c.b.Partial || c.b.Run.Historical {
		return nil
	}
	for _, ref := range last.members {
		if id, ok := known[ref]; ok { // and not listed
			c.parts = append(c.parts, &part{Segment: Segment{Name: ref.Segment, Entity: ref.Entity}, id: id, gone: true, cause: ByDefinition})
		}
	}
	return nil
}

// stored is what the store has of segments.
type stored struct {
	highest     int32            // of their numbers
	definitions map[int32]string // of those that had one
	members     []Ref            // those that have any
}

func (c *commit) stored(ctx context.Context) (known map[Ref]int32, last stored, err error) {
	known, last.definitions = map[Ref]int32{}, map[int32]string{}
	err = c.each(ctx, doing, `SELECT s.id, s.name, s.entity, p.definition, s.id IN (SELECT segment FROM {log}.member)
FROM {log}.segment s LEFT JOIN (
  SELECT segment, arg_max(definition, seq) AS definition FROM {log}.run_segment
  WHERE seq IN (SELECT seq FROM {log}.run WHERE NOT historical) GROUP BY segment) p ON p.segment = s.id ORDER BY s.id`, func(scan func(...any) error) error {
		var ref Ref
		var id int32
		var definition *string
		var members bool
		if err := scan(&id, &ref.Segment, &ref.Entity, &definition, &members); err != nil {
			return err
		}
		known[ref], last.highest = id, id
		if definition != nil {
			last.definitions[id] = *definition
		}
		if members {
			last.members = append(last.members, ref)
		}
		return nil
	})
	return known, last, err
}

// sameData reports whether the data is that of the last run.
func (c *commit) sameData(ctx context.Context) (same bool, err error) {
	err = c.row(ctx, "SELECT coalesce((SELECT arg_max(data_hash, seq) FROM {log}.run WHERE NOT historical) = "+duckdb.QuoteText(c.b.Run.Data)+", false)", &same)
	return same, err
}

// number finds the numbers of all rows of the run.
func (c *commit) number(ctx context.Context) error {
	if c.b.Run.Historical {
		return nil
	}
	var err error
	if c.end, err = c.next(ctx); err != nil {
		return err
	}
	for _, u := range c.b.Universes {
		if c.numbers[u.Entity] != nil {
			return fmt.Errorf("store the run: the rows of %s are given twice", u.Entity)
		}
		n, err := c.numbered(ctx, u, c.end)
		c.numbers[u.Entity] = n
		if err != nil {
			return err
		}
		c.end = n.end
	}
	return nil
}

// setBytes bounds the memory of the sets that are compared at a time.
const setBytes = 64 << 20

// compare finds the changes.
func (c *commit) compare(ctx context.Context) error {
	if c.b.Run.Historical {
		for _, p := range c.parts {
			if p.Members != nil {
				p.size = int64(p.Members.GetCardinality())
			}
		}
		return nil
	}
	parts := slices.Clone(c.parts)
	slices.SortFunc(parts, func(a, b *part) int { return int(a.id - b.id) })
	words := wordsFor(c.end)
	most := max(1, setBytes/16/(words+1))
	space := make([]uint64, 2*words*min(most, len(parts)))
	for some := range slices.Chunk(parts, most) {
		clear(space)
		if err := c.compareSome(ctx, some, space); err != nil {
			return err
		}
	}
	return nil
}

// compareSome compares segments, which are in the order of their numbers, with
// what is stored of them. space is zero, and enough for two sets of each.
func (c *commit) compareSome(ctx context.Context, parts []*part, space []uint64) error {
	is, was := map[int32][]uint64{}, map[int32][]uint64{}
	words := wordsFor(c.end)
	for _, p := range parts {
		is[p.id], was[p.id], space = space[:words], space[words:2*words], space[2*words:]
	}
	err := onAllCores(len(parts), func(i int) error {
		p := parts[i]
		if p.gone {
			return nil
		}
		if err := c.numbers[p.Entity].set(p.Members, is[p.id]); err != nil {
			return fmt.Errorf("store the run: segment %s: %w", p.Name, err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	query := fmt.Sprintf("SELECT rowid, "+containerColumns+" FROM {log}.member WHERE segment BETWEEN %d AND %d", parts[0].id, parts[len(parts)-1].id)
	err = c.readContainers(ctx, doing, query, func(rowid int64, old *container) error {
		set := was[old.segment]
		if set == nil { // not in a partial run
			return nil
		}
		old.flip(set) // an entering is in one row, so that nothing is there yet
		if rest := old.within(is[old.segment]); rest.size < old.size {
			c.broken = append(c.broken, rowid)
			if rest.size > 0 {
				c.rest = append(c.rest, rest)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	changes := make([][2][]container, len(parts))
	err = onAllCores(len(parts), func(i int) error {
		p := parts[i]
		now, old := is[p.id], was[p.id]
		p.size = count(now)
		for i, w := range now {
			now[i], old[i] = w&^old[i], old[i]&^w
		}
		of := container{segment: p.id, seq: c.seq}
		changes[i][0], p.entered = packAll(now, of)
		changes[i][1], p.left = packAll(old, of)
		return nil
	})
	for _, change := range changes {
		c.entered, c.left = append(c.entered, change[0]...), append(c.left, change[1]...)
	}
	return err
}

// onAllCores calls do for each number below n.
func onAllCores(n int, do func(i int) error) error {
	var next atomic.Int64
	errs := make([]error, min(n, runtime.GOMAXPROCS(0)))
	var all sync.WaitGroup
	for core := range errs {
		all.Go(func() {
			for i := int(next.Add(1)) - 1; i < n && errs[core] == nil; i = int(next.Add(1)) - 1 {
				errs[core] = do(i)
			}
		})
	}
	all.Wait()
	return errors.Join(errs...)
}
