package member

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/segql/segql/runtime/duckdb"
)

// Mode says what a store is opened for.
type Mode int

// Modes. A store open for writing keeps every other process out.
const (
	Read Mode = iota
	Write
)

// attachedName is what the store is attached as in the session, for SQL that
// reads its views: segql_store.main.history.
const attachedName = duckdb.StoreName

// readPatience is how long a reader waits for another process's commit.
var readPatience = 10 * time.Second

// ErrOlder is the cause of a problem with a store that opening it for writing
// would bring up to date.
var ErrOlder = errors.New("an older format")

// Store is an open store. It lives in a session and shares its connection, so
// it is no more safe for concurrent use than the session.
type Store struct {
	path    string // as given
	name    string // attached as
	mode    Mode
	session *duckdb.Session
	own     bool // the session was made for the store
}

// Files are the files DuckDB writes for a store: what a session that will
// attach it must allow (duckdb.Options.AllowPaths).
func Files(path string) []string {
	return []string{path, path + ".wal", path + ".wal.checkpoint", path + ".wal.recovery", path + ".tmp"}
}

// Open attaches the store to a session that allows its Files. In Write mode it
// is created when missing, with its folder, and brought up to Format. version
// is segql's own, kept for the record.
//
// Problems: StoreMissing (Read), StoreBusy, StoreTooNew (Read: also ErrOlder), StoreDamaged,
// StoreReadOnly (Write), DiskFull.
func Open(ctx context.Context, session *duckdb.Session, path string, mode Mode, version string) (*Store, error) {
	s := &Store{path: path, name: attachedName, mode: mode, session: session}
	if err := s.inspectFile(); err != nil {
		return nil, err
	}
	if err := s.attach(ctx); err != nil {
		return nil, err
	}
	if err := s.checkFormat(ctx, version); err != nil {
		_ = s.detach()
		return nil, err
	}
	return s, nil
}

// OpenFile opens a store in a session of its own.
func OpenFile(ctx context.Context, path string, mode Mode, version string) (*Store, error) {
	s := &Store{path: path, mode: mode}
	if err := s.inspectFile(); err != nil { // before a session needs the folder
		return nil, err
	}
	session, err := duckdb.Open(ctx, duckdb.Options{Dir: filepath.Dir(path)})
	if err != nil {
		return nil, err
	}
	s, err = Open(ctx, session, path, mode, version)
	if err != nil {
		return nil, errors.Join(err, session.Close())
	}
	s.own = true
	return s, nil
}

// Close detaches the store; what was committed is already safe.
func (s *Store) Close() error {
	err := s.detach()
	if s.own {
		err = errors.Join(err, s.session.Close())
	}
	return err
}

// Name is the store's name in the session, quoted for SQL.
func (s *Store) Name() string { return s.name }

func (s *Store) problem(kind duckdb.Kind, err error, format string, args ...any) *duckdb.Problem {
	return duckdb.NewProblem(kind, format, args...).In(s.path, err)
}

// inspectFile finds what DuckDB would misread: it takes a folder for a broken
// disk, and a short text file for an empty database, which it overwrites.
func (s *Store) inspectFile() error {
	info, err := os.Stat(s.path)
	switch {
	case err == nil && info.IsDir():
		return s.problem(duckdb.StoreReadOnly, nil, "the store %s is a folder", s.path).
			WithHelp("give the path of a file, or remove the folder")
	case err == nil:
		return s.checkMagic(info.Size())
	case s.mode == Read && errors.Is(err, os.ErrNotExist):
		return s.problem(duckdb.StoreMissing, err, "there is no store %s", s.path).
			WithHelp("the first `segql run` with a store creates it")
	case s.mode == Read:
		return s.problem(duckdb.StoreMissing, err, "the store %s cannot be reached", s.path).
			WithHelp("check the path")
	}
	if err := os.MkdirAll(filepath.Dir(s.path), 0o755); err != nil {
		return s.problem(duckdb.StoreReadOnly, err, "the folder of the store %s cannot be made: %s", s.path, cause(err)).
			WithHelp("give another path for the store, or make the folder writable")
	}
	return nil
}

func (s *Store) checkMagic(size int64) error {
	f, err := os.Open(s.path)
	if err != nil {
		return s.problem(duckdb.StoreDamaged, err, "the store %s cannot be read: %s", s.path, cause(err)).
			WithHelp("give the user who runs segql the right to read it")
	}
	defer func() { _ = f.Close() }() // only read

	head := make([]byte, 12) // a checksum of 8 bytes, then "DUCK"
	n, _ := f.Read(head)
	if size == 0 || n == 12 && string(head[8:]) == "DUCK" {
		return nil
	}
	return s.damaged(nil)
}

func (s *Store) damaged(err error) *duckdb.Problem {
	return s.problem(duckdb.StoreDamaged, err, "the store %s is damaged or not a segql store", s.path).
		WithHelp("restore it from a backup, or move it away: the next run begins a new one, without history")
}

func cause(err error) string {
	var path *os.PathError
	if errors.As(err, &path) {
		return path.Err.Error()
	}
	return err.Error()
}

// rowGroup is how many rows DuckDB writes at a time. A row of ours is some
// kilobytes; of the usual 122,880 rows, hundreds of megabytes would stay in
// memory until the commit, and the last of them would be written again by it.
const rowGroup = 4096

// attach opens the file. A reader waits a while for a commit to end.
func (s *Store) attach(ctx context.Context) error {
	abs, err := filepath.Abs(s.path)
	if err != nil {
		return fmt.Errorf("open the store: %w", err)
	}
	statement := "ATTACH " + duckdb.QuoteText(abs) + " AS " + s.name
	if s.mode == Read {
		statement += " (READ_ONLY)"
	} else {
		statement += fmt.Sprintf(" (ROW_GROUP_SIZE %d)", rowGroup)
	}
	deadline := time.Now().Add(readPatience)
	for pause := 10 * time.Millisecond; ; pause *= 2 {
		err := s.session.Exec(ctx, "open the store", statement)
		if err == nil {
			return nil
		}
		err = s.explain(err)
		var p *duckdb.Problem
		if s.mode == Write || !errors.As(err, &p) || p.Kind != duckdb.StoreBusy || time.Now().After(deadline) {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("open the store: %w", ctx.Err())
		case <-time.After(min(pause, time.Second)):
		}
	}
}

var (
	pidText      = regexp.MustCompile(`PID (\d+)`)
	newerText    = regexp.MustCompile(`(?i)newer version|storage version|version number`)
	readOnlyText = regexp.MustCompile(`(?i)permission denied|read-only file system|not a directory|operation not permitted|no such file`)
	damagedText  = regexp.MustCompile(`(?i)not a valid duckdb|corrupt|checksum|could not read enough bytes|serializ|wal file|failure while replaying|INTERNAL`)
)

// explain turns an engine's error on the store into the store's own problem.
func (s *Store) explain(err error) error {
	var p *duckdb.Problem
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	text := err.Error()
	if errors.As(err, &p) {
		if p.Kind == duckdb.DiskFull || p.Kind == duckdb.OutOfMemory {
			return err
		}
		if p.Err != nil {
			text = p.Err.Error()
		}
	}
	switch {
	case strings.Contains(text, "Could not set lock"):
		return busy(s.path, pidText.FindStringSubmatch(text), err)
	case newerText.MatchString(text):
		return s.problem(duckdb.StoreTooNew, err, "the store %s was written by a newer segql", s.path).
			WithHelp("update segql, or use another store")
	case damagedText.MatchString(text):
		return s.damaged(err)
	case readOnlyText.MatchString(text):
		return s.problem(duckdb.StoreReadOnly, err, "the store %s cannot be written", s.path).
			WithHelp("make the file and its folder writable, or give another path for the store")
	}
	return err
}

func busy(path string, pid []string, err error) *duckdb.Problem {
	by := "another process"
	if len(pid) == 2 {
		by = "process " + pid[1]
	}
	return duckdb.NewProblem(duckdb.StoreBusy, "another run is in progress on the store %s (%s)", path, by).In(path, err).
		WithHelp("wait until it has ended, then run again")
}

func (s *Store) detach() error {
	// Detaching must also happen after a cancellation.
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	return s.explain(s.session.Exec(ctx, "close the store", "DETACH "+s.name))
}

// checkFormat creates, migrates or refuses.
func (s *Store) checkFormat(ctx context.Context, version string) error {
	var ours, others int
	const doing = "open the store"
	err := s.session.QueryRow(ctx, doing, "SELECT count(*) FILTER (WHERE schema_name = 'log' AND table_name = 'meta'), count(*) FROM duckdb_tables() WHERE database_name = "+duckdb.QuoteText(s.name), &ours, &others)
	switch {
	case err != nil:
		return s.explain(err)
	case ours == 0 && others == 0 && s.mode == Write:
		return s.create(ctx, version)
	case ours == 0 && others == 0:
		return s.problem(duckdb.StoreMissing, nil, "the store %s is empty", s.path).
			WithHelp("the first `segql run` with a store fills it")
	case ours == 0:
		return s.problem(duckdb.StoreDamaged, nil, "%s is a DuckDB database, but not a segql store", s.path).
			WithHelp("give another path for the store")
	}
	var format int
	if err := s.session.QueryRow(ctx, doing, "SELECT format FROM "+s.name+".log.meta", &format); err != nil {
		return s.explain(err)
	}
	switch {
	case format > Format:
		return s.problem(duckdb.StoreTooNew, nil, "the store %s has format %d, this segql knows up to %d", s.path, format, Format).
			WithHelp("update segql, or use another store")
	case format < Format && s.mode == Read:
		return s.problem(duckdb.StoreTooNew, ErrOlder, "the store %s has the older format %d", s.path, format).
			WithHelp("the next `segql run` brings it up to date")
	case format < Format:
		return s.migrate(ctx, format)
	}
	return nil
}

func (s *Store) exec(ctx context.Context, doing, query string) error {
	return s.explain(s.session.Exec(ctx, doing, query))
}

// inTransaction commits when fn succeeds and otherwise rolls back, also after
// a cancellation.
func (s *Store) inTransaction(ctx context.Context, doing string, fn func(context.Context) error) error {
	if err := s.exec(ctx, doing, "BEGIN TRANSACTION"); err != nil {
		return err
	}
	err := fn(ctx)
	if err == nil {
		err = s.exec(ctx, doing, "COMMIT")
	}
	if err != nil {
		undo, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		// After some errors the engine has rolled back by itself.
		_ = s.session.Exec(undo, doing, "ROLLBACK")
	}
	return err
}
