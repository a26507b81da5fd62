package duckdb

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/segql/segql/compiler/value"
)

// Known is what was found out about sources before, kept in a file, so that
// whoever only asks what columns there are need not begin the engine as long
// as nothing has changed. Sources are told apart by all that an answer depends
// on: their declaration, what is declared of their columns, and the files.
//
// It is never needed: a file that is missing, damaged or of another segql is
// as good as an empty one, and one that cannot be written stays as it is.
type Known struct {
	path    string
	program string // that gave the answers
	old     map[string]*knownSource
	now     map[string]*knownSource // what was asked for this time
	changed bool
}

// knownSource is what was found out about one source.
type knownSource struct {
	Columns []knownColumn
	Quality map[string][]Quality // by what was asked
}

// knownColumn is a Column with all that it holds.
type knownColumn struct {
	Column
	QuotedText bool `json:",omitempty"`
}

// knownRelation is what a relation of a Known has besides others. One that was
// not opened this time has no SQL to read it.
type knownRelation struct {
	key      string
	declared map[string]value.Type
}

const (
	// mostKnown sources are kept, of other data folders and earlier versions.
	mostKnown = 200
	// wholeFile is up to which size a file is known by all that it holds: some more
	// than a small DuckDB database has.
	wholeFile = 1 << 20
	// settled is how long ago a larger file must have changed to be known by its
	// time, for a later change could have the same.
	settled = 2 * time.Second
)

// ReadKnown reads what is kept in a file, for the program that is named.
func ReadKnown(path, program string) *Known {
	k := &Known{path: path, program: program, old: map[string]*knownSource{}, now: map[string]*knownSource{}}
	text, err := os.ReadFile(path)
	if err != nil {
		return k
	}
	sum, body, _ := bytes.Cut(text, []byte("\n"))
	if string(sum) != checksum(body) {
		return k
	}
	var old map[string]*knownSource
	if json.Unmarshal(body, &old) == nil {
		k.old = old
	}
	return k
}

func checksum(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}

// Write keeps what is known now. It is only a help, so failing is no error.
func (k *Known) Write() {
	if !k.changed {
		return
	}
	if len(k.old)+len(k.now) <= mostKnown {
		for key, s := range k.old {
			if k.now[key] == nil {
				k.now[key] = s
			}
		}
	}
	body, err := json.Marshal(k.now)
	if err != nil {
		return
	}
	dir := filepath.Dir(k.path)
	if os.Mkdir(dir, 0o755) == nil { // nothing in it is for version control
		_ = os.WriteFile(filepath.Join(dir, ".gitignore"), []byte("*\n"), 0o644)
	}
	tmp, err := os.CreateTemp(dir, filepath.Base(k.path)+"-")
	if err != nil {
		return
	}
	_, err = tmp.Write(append([]byte(checksum(body)+"\n"), body...))
	if err = errors.Join(err, tmp.Close()); err == nil {
		err = os.Rename(tmp.Name(), k.path)
	}
	if err != nil {
		_ = os.Remove(tmp.Name())
	}
}

// find gives what is known under a key, nil when nothing is.
func (k *Known) find(key string) *knownSource {
	s := k.now[key]
	if s == nil && key != "" {
		if s = k.old[key]; s != nil {
			k.now[key] = s
		}
	}
	return s
}

func (k *Known) put(key string, s *knownSource) {
	if key != "" {
		k.now[key], k.changed = s, true
	}
}

// key is of all that an answer depends on; "" where that cannot be told.
func (k *Known) key(files []string, of ...any) string {
	h := sha256.New()
	if json.NewEncoder(h).Encode(append(of, k.program)) != nil {
		return ""
	}
	for _, f := range files {
		fmt.Fprintf(h, "%q ", f)
		if !stamp(h, f) {
			return ""
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// stamp writes what changes when a file does, and reports whether it would.
func stamp(w io.Writer, path string) bool {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		fmt.Fprintln(w, "none")
		return true
	}
	if err != nil {
		return false
	}
	fmt.Fprintln(w, info.Size())
	if info.Size() <= wholeFile {
		text, err := os.ReadFile(path)
		_, _ = w.Write(text) // a hash takes everything
		return err == nil
	}
	fmt.Fprintln(w, info.ModTime().UnixNano())
	return time.Since(info.ModTime()) > settled
}

// Remember lets the engine answer Columns and WrongColumns from what is known,
// and adds to it. Relations that are known have no rows to be read: such an
// engine is for checking only.
func (e *Engine) Remember(ctx context.Context, k *Known) error {
	e.known = k
	if e.opt.Database == "" {
		return nil
	}
	// A database that cannot be opened is a problem even if no source uses it.
	key := k.key(e.databaseFiles(), "database")
	if k.find(key) != nil {
		return nil
	}
	err := e.Begin(ctx)
	if err == nil {
		k.put(key, &knownSource{Quality: map[string][]Quality{}})
	}
	return err
}

func (e *Engine) databaseFiles() []string {
	path := e.fullPath(e.opt.Database)
	return []string{path, path + ".wal"}
}

// sourceKey is the key of a source, "" where it must be described anew.
func (e *Engine) sourceKey(ctx context.Context, src Source, declared map[string]value.Type) string {
	var files []string
	switch {
	case src.Path != "":
		var err error
		if files, err = e.resolve(ctx, src.Path); err != nil {
			return ""
		}
	case src.Table != "" && e.opt.Database != "":
		files = e.databaseFiles()
	default:
		return "" // SQL can read anything
	}
	return e.known.key(files, src, declared)
}

// describe is Describe, or what is known of it.
func (e *Engine) describe(ctx context.Context, src Source, declared map[string]value.Type) (*Relation, error) {
	if e.known == nil {
		return e.Describe(ctx, src, declared)
	}
	key := e.sourceKey(ctx, src, declared)
	if s := e.known.find(key); s != nil {
		rel := &Relation{Source: src, known: &knownRelation{key, declared}}
		for _, c := range s.Columns {
			c.quotedText = c.QuotedText
			rel.Columns = append(rel.Columns, c.Column)
		}
		return rel, nil
	}
	rel, err := e.Describe(ctx, src, declared)
	if err != nil {
		return nil, err
	}
	if key == "" || !e.ownRows(ctx, src) || e.sourceKey(ctx, src, declared) != key { // it was being changed
		return rel, nil
	}
	s := &knownSource{Quality: map[string][]Quality{}}
	for _, c := range rel.Columns {
		s.Columns = append(s.Columns, knownColumn{c, c.quotedText})
	}
	rel.known = &knownRelation{key, declared}
	e.known.put(key, s)
	return rel, nil
}

// ownRows reports whether a source holds its rows itself: a view may read
// files that nobody can name.
func (e *Engine) ownRows(ctx context.Context, src Source) bool {
	if src.Table == "" {
		return true
	}
	parts := SplitTable(src.Table)
	name := " WHERE database_name = " + QuoteText(e.database) + " AND lower(%s_name) = " + QuoteText(strings.ToLower(parts[len(parts)-1]))
	var tables, views int
	err := e.QueryRow(ctx, "look at "+src.String(), "SELECT (SELECT count(*) FROM duckdb_tables()"+fmt.Sprintf(name, "table")+"), (SELECT count(*) FROM duckdb_views()"+fmt.Sprintf(name, "view")+")", &tables, &views)
	return err == nil && tables > 0 && views == 0
}

// knownQuality is Quality, or what is known of it; of a column that is not
// wrong there are no examples then.
func (e *Engine) knownQuality(ctx context.Context, rel *Relation, conversions []Conversion) ([]Quality, error) {
	if rel.known == nil || len(conversions) == 0 {
		return e.Quality(ctx, rel, conversions)
	}
	known, s := rel.known, e.known.find(rel.known.key)
	id := e.known.key(nil, conversions)
	if found, ok := s.Quality[id]; ok {
		return found, nil
	}
	if rel.scan == "" {
		var err error
		if rel, err = e.Describe(ctx, rel.Source, known.declared); err != nil {
			return nil, err
		}
	}
	found, err := e.Quality(ctx, rel, conversions)
	if err != nil {
		return nil, err
	}
	kept := make([]Quality, len(found))
	for i, q := range found {
		if kept[i] = q; !q.Wrong() {
			kept[i].Examples = nil
		}
	}
	if e.sourceKey(ctx, rel.Source, known.declared) == known.key {
		s.Quality[id] = kept
		e.known.put(known.key, s)
	}
	return found, nil
}
