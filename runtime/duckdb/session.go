package duckdb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	driverpkg "github.com/duckdb/duckdb-go/v2" // also registers the driver
)

// Options configure a session. The zero value reads the current folder.
type Options struct {
	Dir         string   // project root; relative paths resolve here; "" is the current folder
	Data        string   // another root for relative sources, tried first; may be ""
	Database    string   // a DuckDB file, attached read-only, where `table` sources live; may be ""
	AllowDirs   []string // further folders that may be read
	AllowPaths  []string // further single files that may be read and written, such as a store; see member.Files
	MemoryLimit string   // DuckDB's spelling, "4GB"; "" is DuckDB's default, 80% of the machine
	TempDir     string   // where a private folder for spilling is made; "" is the system's
	TempLimit   string   // most that may be spilled, "20GB"; "" is DuckDB's default, 90% of the free disk
	Threads     int      // 0 is one per core
	Late        bool     // the engine begins with the first statement; see Session.Failed
}

// Session is one DuckDB with one connection, but for what is looked at ahead. It
// is not safe for concurrent use: one statement at a time, rows closed before
// the next.
type Session struct {
	db       *sql.DB
	conn     *sql.Conn // nil until Begin
	opt      Options
	roots    []string // allowed folders, absolute, links resolved
	scratch  string   // private folder, removed at Close
	alive    *os.File // in scratch, held while the session lives
	broken   error    // why the engine could not begin
	database string   // name of the attached database, or ""
	file     *os.File // of it, nil if it cannot be read beside the engine; see OpenFile
	serial   int      // for names of temporary tables
}

// databaseName is what Options.Database is attached as.
const databaseName = "segql_database"

// Open starts a session, attaches what must be attached and locks it. Of one
// that is Late only the folders are looked at.
func Open(ctx context.Context, opt Options) (*Session, error) {
	s := &Session{opt: opt}
	err := s.folders()
	if err == nil && !opt.Late {
		err = s.Begin(ctx)
	}
	if err != nil {
		_ = s.Close()
		return nil, err
	}
	return s, nil
}

// Begin starts the engine if it has not begun. One that could not be set up
// and locked is never used.
func (s *Session) Begin(ctx context.Context) error {
	if s.conn == nil && s.broken == nil {
		s.broken = s.begin(ctx)
	}
	return s.broken
}

// Failed says why the engine of a session that is Late could not begin, which
// whoever needed it was told too; nil when it has begun or was not needed.
func (s *Session) Failed() error { return s.broken }

func (s *Session) begin(ctx context.Context) error {
	if _, err := s.private(); err != nil {
		return err
	}
	connector, err := driverpkg.NewConnector("", nil)
	if err != nil {
		return fmt.Errorf("start the engine: %w", err)
	}
	s.db = sql.OpenDB(connector)
	s.db.SetMaxOpenConns(2) // see ahead
	if s.conn, err = s.db.Conn(ctx); err != nil {
		return fmt.Errorf("start the engine: %w", err)
	}
	for _, set := range s.settings() {
		if err := s.Exec(ctx, "set up the engine", set); err != nil {
			return err
		}
	}
	if err := s.attachDatabase(ctx); err != nil {
		return err
	}
	return s.lock(ctx)
}

// folders resolves the roots.
func (s *Session) folders() error {
	if s.opt.Dir == "" {
		s.opt.Dir = "."
	}
	for _, dir := range append([]string{s.opt.Dir, s.opt.Data}, s.opt.AllowDirs...) {
		if dir == "" {
			continue
		}
		abs, err := absolute(dir)
		if err != nil {
			return NewProblem(MissingFile, "there is no folder %s", dir).In(dir, err).
				WithHelp("give the path of a folder that exists")
		}
		s.roots = append(s.roots, abs)
	}
	return nil
}

// private is the private folder, which is made when it is first needed.
func (s *Session) private() (string, error) {
	if s.scratch == "" && s.broken == nil {
		s.broken = s.makePrivate()
	}
	return s.scratch, s.broken
}

func (s *Session) makePrivate() error {
	base := s.opt.TempDir
	if base == "" {
		base = os.TempDir()
	}
	if err := os.MkdirAll(base, 0o755); err != nil {
		return NewProblem(Unwritable, "the folder for temporary files cannot be made").In(base, err).
			WithHelp("give another folder for temporary files")
	}
	removeStale(base)
	dir, lock, err := makeScratch(base)
	if err != nil {
		return NewProblem(Unwritable, "the folder for temporary files cannot be written").In(base, err).
			WithHelp("give another folder for temporary files")
	}
	s.alive = lock
	s.scratch, err = absolute(dir)
	return err
}

// absolute gives the path DuckDB will see: absolute, links resolved.
func absolute(path string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(abs)
}

func (s *Session) settings() []string {
	sets := []string{
		"SET TimeZone = 'UTC'",
		"SET Calendar = 'gregorian'",
		"SET preserve_insertion_order = false", // whatever needs an order says so
		"SET autoinstall_known_extensions = false",
		"SET autoload_known_extensions = false",
		"SET allow_persistent_secrets = false",
		"SET temp_directory = " + QuoteText(s.scratch),
	}
	if s.opt.MemoryLimit != "" {
		sets = append(sets, "SET memory_limit = "+QuoteText(s.opt.MemoryLimit))
	}
	if s.opt.TempLimit != "" {
		sets = append(sets, "SET max_temp_directory_size = "+QuoteText(s.opt.TempLimit))
	}
	if s.opt.Threads > 0 {
		sets = append(sets, fmt.Sprintf("SET threads = %d", s.opt.Threads))
	}
	return sets
}

func (s *Session) attachDatabase(ctx context.Context) error {
	written := s.opt.Database
	if written == "" {
		return nil
	}
	path := s.fullPath(written)
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return s.missing(written, path, err)
	case info.IsDir():
		return NewProblem(Unreadable, "a folder is given where a DuckDB file is expected").In(written, nil).
			WithHelp("give the path of the file itself")
	}
	attach := "ATTACH " + QuoteText(path) + " AS " + QuoteIdent(databaseName) + " (READ_ONLY)"
	if err := s.Exec(ctx, "open the database "+written, attach); err != nil {
		var p *Problem
		if errors.As(err, &p) && p.Kind != Refused && p.Kind != DamagedFile && p.Kind != NoDatabase {
			return err
		}
		return NewProblem(NoDatabase, "%s cannot be opened as a DuckDB database: %s", written, reason(err)).In(written, err).
			WithHelp("check that the file is a DuckDB database, that no other program has it open for writing,\nand that it was not written by a newer DuckDB than 1.5")
	}
	s.database = databaseName
	s.file, _ = os.Open(path)
	return s.Exec(ctx, "choose the database", "USE "+QuoteIdent(databaseName))
}

// lock confines the session to its folders. Nothing can undo it.
func (s *Session) lock(ctx context.Context) error {
	paths := make([]string, len(s.opt.AllowPaths))
	for i, p := range s.opt.AllowPaths {
		abs, err := filepath.Abs(p)
		if err != nil {
			return fmt.Errorf("allow %s: %w", p, err)
		}
		paths[i] = abs
	}
	for _, set := range []string{
		"SET allowed_directories = " + quoteTexts(append([]string{s.scratch}, s.roots...)),
		"SET allowed_paths = " + quoteTexts(paths),
		"SET enable_external_access = false",
		"SET lock_configuration = true",
	} {
		if err := s.Exec(ctx, "lock the engine", set); err != nil {
			return err
		}
	}
	return nil
}

// OpenFile opens a file that may be the attached database, to be read and then
// closed by done. Closing a file that the engine has open would end its lock on
// it (see fcntl(2)), and let others write what is being read.
func (s *Session) OpenFile(path string) (f *os.File, done func(), err error) {
	if s.file != nil && s.file.Name() == path {
		return s.file, func() {}, nil
	}
	f, err = os.Open(path)
	return f, func() { _ = f.Close() }, err // only read
}

// Close ends the session and removes its temporary files.
func (s *Session) Close() error {
	var errs []error
	if s.conn != nil {
		errs = append(errs, s.conn.Close())
	}
	if s.db != nil {
		errs = append(errs, s.db.Close())
	}
	if s.file != nil {
		errs = append(errs, s.file.Close())
	}
	if s.alive != nil {
		errs = append(errs, s.alive.Close())
	}
	if s.scratch != "" {
		errs = append(errs, os.RemoveAll(s.scratch))
	}
	return errors.Join(errs...)
}

// Raw gives the driver's connection, for appenders and raw chunks.
func (s *Session) Raw(fn func(conn driver.Conn) error) error {
	if err := s.Begin(context.Background()); err != nil {
		return err
	}
	return s.conn.Raw(func(c any) error { return fn(c.(driver.Conn)) })
}

// TempName gives a name for a temporary table that no other has.
func (s *Session) TempName(prefix string) string {
	s.serial++
	return fmt.Sprintf("segql_%s_%d", strings.Trim(prefix, "_"), s.serial)
}
