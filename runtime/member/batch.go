package member

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/segql/segql/runtime/duckdb"
)

// Run is one run of a project.
type Run struct {
	ID         string    // unique; ordered by time, see NewID
	AsOf       time.Time // the instant the memberships are of
	Started    time.Time
	Finished   time.Time
	Project    string // hash of the definitions
	Data       string // fingerprint of the data
	Params     string // JSON object
	Version    string // of segql
	Status     string // "complete"; others never reach the store
	Historical bool   // dated before the last run: recorded without members and history
}

// Cause says why a membership changed.
type Cause uint8

// Causes. When definition and data changed both, the definition is named; when
// neither did, only the clock moved.
const (
	ByData Cause = 1 + iota
	ByTime
	ByDefinition
)

func (c Cause) String() string { return [...]string{"", "data", "time", "definition"}[c] }

// Segment is one segment's part of a run.
type Segment struct {
	Name         string          // "vip", "lifecycle.loyal"
	Entity       string          // whose rows the members are
	Members      *roaring.Bitmap // by the numbers of the entity's Universe; nil: none
	Definition   string          // hash of the definition, with all it refers to
	Expectations string          // JSON list of checks and their results
}

// Outcome is what a commit found for a segment.
type Outcome struct {
	Name                string
	Size, Entered, Left int64
}

// Batch is what is committed.
type Batch struct {
	Run      Run
	Segments []Segment
	// Universes are those of every entity that has segments. All their keys are
	// stored, whether in a segment or not.
	Universes []duckdb.Universe
	// Cuts are those of the constructs of the segments, in place of what the
	// store has of the same constructs.
	Cuts []Cut
	// Partial leaves segments that are not listed as they are. Otherwise their
	// members leave, because the definition is gone.
	Partial bool
}

// NewID makes a run's ID: 26 characters that sort by time, in the alphabet and
// form of ULID.
func NewID(t time.Time) string {
	var b [16]byte
	ms := uint64(t.UnixMilli())
	for i := range 6 {
		b[i] = byte(ms >> (40 - 8*i))
	}
	if _, err := rand.Read(b[6:]); err != nil {
		panic("no random numbers: " + err.Error())
	}
	// 130 bits for 128: the two added stand in front, as ULID has them.
	padded := append([]byte{0, 0, 0, 0}, b[:]...)
	return ulid.EncodeToString(padded)[6:]
}

var ulid = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

// CheckAsOf reports a RunTooOld problem when a run of this instant would be
// dated before the last one in the store. Such a run may be printed and, as
// Historical, recorded, but it changes no members and no history.
func (s *Store) CheckAsOf(ctx context.Context, asOf time.Time) error {
	last, err := s.Last(ctx)
	if err != nil || last == nil || !asOf.Before(last.AsOf) {
		return err
	}
	return duckdb.NewProblem(duckdb.RunTooOld, "the run's instant %s lies before that of the last run in the store, %s",
		asOf.UTC().Format(time.RFC3339), last.AsOf.UTC().Format(time.RFC3339)).
		WithHelp("history is written forwards only: run without a store to look back, or begin another store")
}
