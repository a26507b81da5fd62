package runtime

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"sort"
	"strings"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/plan"
)

func hash(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d:%s", len(p), p)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// definitionHash changes when the meaning of a segment does, with all it
// refers to; spelling, comments, titles and traits' names do not count.
func definitionHash(s *ir.Segment) string { return hash(definition(s, map[*ir.Segment]bool{})...) }

func definition(s *ir.Segment, seen map[*ir.Segment]bool) []string {
	if seen[s] {
		return nil
	}
	seen[s] = true
	parts := []string{s.Entity.Name, ir.Key(s.Where), fmt.Sprint(day(s.Meta.ValidFrom), day(s.Meta.ValidUntil))}
	for _, ref := range ir.Refs(s.Where) {
		parts = append(parts, definition(ref, seen)...)
	}
	return parts
}

func day(d *int64) string {
	if d == nil {
		return "-"
	}
	return fmt.Sprint(*d)
}

func (r *run) projectHash() string {
	var parts []string
	for _, s := range r.Segments {
		parts = append(parts, s.Name, definitionHash(s))
	}
	return hash(parts...)
}

func paramsJSON(set map[string]string) string {
	if set == nil {
		return "{}"
	}
	b, err := json.Marshal(set)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// fingerprint changes when the data does: the content of every file that was
// read, and what the rows of tables hash to.
func (r *run) fingerprint(ctx context.Context) (string, error) {
	var parts []string
	for _, t := range r.plan.Tables {
		if t.Kind != plan.Rows || t.Rel.Source == nil {
			continue
		}
		files, rows, err := r.Engine.Fingerprint(ctx, "compare "+t.Rel.Name+" with the last run", t.Rel.Source)
		if err != nil {
			return "", err
		}
		parts = append(parts, rows...)
		for _, f := range files {
			h, err := r.fileHash(ctx, f)
			if err != nil {
				return "", fmt.Errorf("read %s: %w", f, err)
			}
			parts = append(parts, h)
		}
	}
	sort.Strings(parts)
	return hash(strings.Join(parts, " ")), nil
}

// cancelled reads until the context is done.
type cancelled struct {
	ctx context.Context
	io.Reader
}

func (c *cancelled) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.Reader.Read(p)
}

// fileHash is a hash of a file's content; of a large one, of its size, time
// and ends, for it must stay cheap beside the run.
func (r *run) fileHash(ctx context.Context, path string) (string, error) {
	const whole, end = 256 << 20, 1 << 20
	f, done, err := r.Engine.OpenFile(path)
	if err != nil {
		return "", err
	}
	defer done()
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	h := sha256.New()
	if info.Size() <= whole {
		_, err = io.Copy(h, &cancelled{ctx, io.NewSectionReader(f, 0, info.Size())})
	} else {
		fmt.Fprintln(h, info.Size(), info.ModTime().UnixNano())
		for _, from := range []int64{0, info.Size() - end} {
			if _, err = io.Copy(h, io.NewSectionReader(f, from, end)); err != nil {
				break
			}
		}
	}
	return hex.EncodeToString(h.Sum(nil)), err
}
