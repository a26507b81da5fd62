package runtime

import (
	"context"
	"errors"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/runtime/duckdb"
)

// Move is what becomes of the members of a segment from one version of a
// project to another, on the same data as of the same instant.
type Move struct {
	Before, After int64 // members
	Gained, Lost  int64
	// Entering and Leaving are keys of some of them, the first in the order of
	// their bytes; none where the key is about a person.
	Entering, Leaving []string
}

// Kept is how many are members of both.
func (m Move) Kept() int64 { return m.Before - m.Lost }

// Moves compares the members that the last runs of two projects have found, of
// a segment that may have another name in each; "" stands for one without
// members. Up to sample keys are kept of those who enter, and of those who
// leave. Both runs were of one instant, which is for the caller to see to.
func Moves(ctx context.Context, before *Project, was string, after *Project, is string, sample int) (m Move, err error) {
	if personal(before, was) || personal(after, is) {
		sample = 0
	}
	a, err := membersOf(ctx, before, was)
	if err != nil {
		return m, err
	}
	defer a.close()
	b, err := membersOf(ctx, after, is)
	if err != nil {
		return m, err
	}
	defer b.close()
	left, err := a.next()
	if err != nil {
		return m, err
	}
	right, err := b.next()
	for err == nil && (left != nil || right != nil) {
		switch {
		case right == nil || left != nil && *left < *right:
			m.Before++
			m.Lost++
			m.Leaving = some(m.Leaving, *left, sample)
			left, err = a.next()
		case left == nil || *right < *left:
			m.After++
			m.Gained++
			m.Entering = some(m.Entering, *right, sample)
			right, err = b.next()
		default:
			m.Before++
			m.After++
			if left, err = a.next(); err == nil {
				right, err = b.next()
			}
		}
	}
	return m, errors.Join(err, a.err(), b.err())
}

func some(keys []string, key string, most int) []string {
	if len(keys) < most {
		keys = append(keys, key)
	}
	return keys
}

// personal reports whether the keys of a segment's members are about persons.
func personal(p *Project, segment string) bool {
	if segment == "" {
		return false
	}
	s := p.Segment(segment)
	return s == nil || ir.PersonalKey(s.Entity)
}

// sortedKeys reads the keys of a segment in the order of their bytes.
type sortedKeys struct{ rows *duckdb.Rows }

func membersOf(ctx context.Context, p *Project, segment string) (*sortedKeys, error) {
	if segment == "" {
		return &sortedKeys{}, nil
	}
	keys, err := p.keysOf(ctx, segment)
	if err != nil {
		return &sortedKeys{}, err
	}
	rows, err := p.Session.Query(ctx, "compare members of "+segment, keys+" ORDER BY \"key\"")
	return &sortedKeys{rows}, err
}

// next is nil at the end.
func (k *sortedKeys) next() (*string, error) {
	if k.rows == nil || !k.rows.Next() {
		return nil, k.err()
	}
	var key string
	if err := k.rows.Scan(&key); err != nil {
		return nil, err
	}
	return &key, nil
}

func (k *sortedKeys) err() error {
	if k.rows == nil {
		return nil
	}
	return k.rows.Err()
}

func (k *sortedKeys) close() {
	if k.rows != nil {
		k.rows.Close()
	}
}
