// Package revision reads the files of a project as they were at a revision of
// the git repository it lies in. It asks git for objects and touches neither
// the work tree nor the index, so that it can run beside anything.
package revision

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/runtime/duckdb"
)

// Codes of problems with git; pages in lang/diag/pages.
const (
	CodeNoGit        diag.Code = "SEG4080"
	CodeNoRepository diag.Code = "SEG4081"
	CodeNoRevision   diag.Code = "SEG4082"
	CodeUnreadable   diag.Code = "SEG4083"
)

// Kinds of problems with git.
const (
	NoGit        duckdb.Kind = "no git"
	NoRepository duckdb.Kind = "no repository"
	NoRevision   duckdb.Kind = "no revision"
	Unreadable   duckdb.Kind = "revision cannot be read"
)

// Revision is a project's folder at one commit. It is an fs.FS; the files of
// definitions have been read, others are read when they are asked for.
type Revision struct {
	Name   string // as it was given: main, HEAD~3, v1.2
	Commit string // the full hash
	Folder string // the folder's path from the top of the repository; "." is the top
	repo   *repository
	files  map[string]*entry // by slash-separated path in the folder; "." is the folder
}

// entry is a file or folder of the commit.
type entry struct {
	name     string // the last part of its path
	blob     string // hash of a file, "" of a folder
	size     int64
	content  []byte // nil: not read yet
	children []string
}

// repository is where git is called.
type repository struct {
	ctx context.Context // of Open: an fs.FS is given none
	dir string
}

// Open reads the folder dir at a revision, which is whatever git understands
// as one. A folder that is not there at that commit is an empty one.
//
// Problems: NoGit, NoRepository, NoRevision, Unreadable.
func Open(ctx context.Context, dir, rev string) (*Revision, error) {
	if _, err := exec.LookPath("git"); err != nil {
		return nil, problem(NoGit, CodeNoGit, err, "git is needed to read %s, and cannot be found", rev).
			WithHelp("install git, or compare with a folder that holds the other version")
	}
	repo := &repository{ctx, dir}
	out, err := repo.git(nil, "rev-parse", "--is-shallow-repository", "--show-prefix")
	if err != nil {
		return nil, repo.noRepository(rev, err)
	}
	shallow, prefix, _ := strings.Cut(string(out), "\n")
	commit, err := repo.resolve(rev, shallow == "true")
	if err != nil {
		return nil, err
	}
	prefix = strings.TrimSuffix(prefix, "\n")
	r := &Revision{Name: rev, Commit: commit, Folder: path.Clean(prefix), repo: repo, files: map[string]*entry{".": {name: "."}}}
	if err := r.list(prefix); err != nil {
		return nil, err
	}
	return r, r.load()
}

// Known reports whether git understands rev as a revision of the repository
// that dir lies in.
func Known(ctx context.Context, dir, rev string) bool {
	if strings.HasPrefix(rev, "-") {
		return false
	}
	_, err := (&repository{ctx, dir}).git(nil, "rev-parse", "--verify", "--quiet", rev+"^{commit}")
	return err == nil
}

// Names are the branches, those of other repositories too, and the tags of the
// repository that dir lies in.
func Names(ctx context.Context, dir string) ([]string, error) {
	return (&repository{ctx, dir}).names()
}

func (r *repository) names() ([]string, error) {
	out, err := r.git(nil, "for-each-ref", "--format=%(refname:short)", "refs/heads", "refs/tags", "refs/remotes")
	return strings.Fields(string(out)), err
}

// Short is the commit as people write it.
func (r *Revision) Short() string { return r.Commit[:min(len(r.Commit), 10)] }

// HasProject reports whether the folder held a catalog.
func (r *Revision) HasProject() bool { return r.files[compiler.CatalogName] != nil }

func problem(kind duckdb.Kind, code diag.Code, cause error, format string, args ...any) *duckdb.Problem {
	return &duckdb.Problem{Code: code, Kind: kind, Message: fmt.Sprintf(format, args...), Err: cause}
}

// git runs a command that only reads. Its messages are in English, whoever
// reads them; it asks for no password.
func (r *repository) git(stdin io.Reader, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(r.ctx, "git", args...)
	cmd.Dir = r.dir
	cmd.Stdin = stdin
	for _, v := range os.Environ() {
		// A hook runs with paths of its own, relative to another folder.
		name, value, _ := strings.Cut(v, "=")
		switch name {
		case "GIT_DIR", "GIT_WORK_TREE":
			if !filepath.IsAbs(value) {
				continue
			}
		case "GIT_PREFIX", "GIT_INDEX_FILE":
			continue
		}
		cmd.Env = append(cmd.Env, v)
	}
	cmd.Env = append(cmd.Env, "LC_ALL=C", "GIT_OPTIONAL_LOCKS=0", "GIT_LITERAL_PATHSPECS=1", "GIT_TERMINAL_PROMPT=0")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if r.ctx.Err() != nil {
		return nil, r.ctx.Err()
	}
	if err != nil {
		said := strings.TrimSpace(stderr.String())
		return nil, fmt.Errorf("git %s: %w: %s", args[0], err, said)
	}
	return out, nil
}

func (r *repository) noRepository(rev string, err error) error {
	said := err.Error()
	switch {
	case r.ctx.Err() != nil:
		return err
	case strings.Contains(said, "not a git repository"):
		return problem(NoRepository, CodeNoRepository, err, "%s is in no git repository, so there is no %s of it", r.dir, rev).
			WithHelp("go to the project's folder, or compare two folders: `segql diff OLD NEW`")
	case strings.Contains(said, "dubious ownership"):
		return problem(NoRepository, CodeNoRepository, err, "git refuses the repository of %s, because it belongs to another user", r.dir).
			WithHelp("where that is as it should be: git config --global --add safe.directory \"$(git rev-parse --show-toplevel 2>/dev/null || pwd)\"")
	default:
		return problem(NoRepository, CodeNoRepository, err, "git cannot use the repository of %s: %s", r.dir, lastLine(said)).
			WithHelp("`git status` there says more")
	}
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.TrimPrefix(lines[len(lines)-1], "fatal: ")
}

// resolve finds the commit of a revision.
func (r *repository) resolve(rev string, shallow bool) (string, error) {
	if !strings.HasPrefix(rev, "-") && rev != "" {
		out, err := r.git(nil, "rev-parse", "--verify", "--quiet", rev+"^{commit}")
		if err == nil {
			return strings.TrimSpace(string(out)), nil
		}
		if r.ctx.Err() != nil {
			return "", err
		}
	}
	p := problem(NoRevision, CodeNoRevision, nil, "git knows no revision %s", rev)
	refs, _ := r.names() // only to help
	for _, name := range refs {
		if _, branch, ok := strings.Cut(name, "/"); ok && branch == rev {
			return "", p.WithHelp("did you mean %s?", name)
		}
	}
	switch near := diag.Suggest(rev, refs); {
	case shallow:
		return "", p.WithHelp("this clone is shallow and does not hold all commits: fetch it with `git fetch origin %s`, or all with `git fetch --unshallow`\n(actions/checkout: `fetch-depth: 0`; GitLab: `GIT_DEPTH: 0`)", rev)
	case near != "":
		return "", p.WithHelp("did you mean %s?", near)
	default:
		return "", p.WithHelp("give a branch, a tag, a commit, or a folder with a catalog.yaml; `git fetch` gets what others have pushed")
	}
}

// list reads the tree of the folder.
func (r *Revision) list(prefix string) error {
	args := []string{"ls-tree", "-r", "-z", "-l", "--full-tree", r.Commit}
	if prefix != "" {
		args = append(args, "--", prefix)
	}
	out, err := r.repo.git(nil, args...)
	if err != nil {
		return r.unreadable(err)
	}
	links := map[string]*entry{}
	for _, line := range strings.Split(string(out), "\x00") {
		head, name, ok := strings.Cut(line, "\t")
		fields := strings.Fields(head) // mode, type, hash, size
		if !ok || len(fields) != 4 || fields[1] != "blob" {
			continue // the end, or a submodule
		}
		name = strings.TrimPrefix(name, prefix)
		e := &entry{name: path.Base(name), blob: fields[2]}
		if e.size, err = strconv.ParseInt(fields[3], 10, 64); err != nil {
			return r.unreadable(err)
		}
		if fields[0] == "120000" {
			links[name] = e
		}
		r.add(name, e)
	}
	return r.follow(links)
}

// add enters a file and the folders above it.
func (r *Revision) add(name string, e *entry) {
	r.files[name] = e
	for name != "." {
		parent := path.Dir(name)
		above := r.files[parent]
		fresh := above == nil
		if fresh {
			above = &entry{name: path.Base(parent)}
			r.files[parent] = above
		}
		above.children = append(above.children, path.Base(name))
		if !fresh {
			return
		}
		name = parent
	}
}

// follow gives links to files of the folder what they lead to; the others
// hold the path they name, as git has it.
func (r *Revision) follow(links map[string]*entry) error {
	for name, link := range links {
		at, e := name, link
		for range 8 {
			target, err := r.content(e)
			if err != nil {
				return err
			}
			at = path.Join(path.Dir(at), string(target))
			next := r.files[at]
			if next == nil || next.blob == "" {
				break
			}
			if links[at] == nil {
				link.blob, link.size, link.content = next.blob, next.size, nil
				break
			}
			e = next
		}
	}
	return nil
}

// load reads all definitions with one call of git.
func (r *Revision) load() error {
	var wanted []*entry
	var hashes strings.Builder
	for name, e := range r.files {
		if e.blob != "" && (path.Base(name) == compiler.CatalogName || compiler.IsDefinitions(name)) {
			wanted = append(wanted, e)
			hashes.WriteString(e.blob + "\n")
		}
	}
	if len(wanted) == 0 {
		return nil
	}
	out, err := r.repo.git(strings.NewReader(hashes.String()), "cat-file", "--batch")
	if err != nil {
		return r.unreadable(err)
	}
	in := bufio.NewReader(bytes.NewReader(out))
	for _, e := range wanted { // "HASH blob SIZE\n", the content, "\n"
		head, err := in.ReadString('\n')
		if err != nil {
			return r.unreadable(err)
		}
		fields := strings.Fields(head)
		if len(fields) != 3 || fields[1] != "blob" {
			return r.unreadable(fmt.Errorf("git cat-file: %s", strings.TrimSpace(head)))
		}
		size, err := strconv.Atoi(fields[2])
		if err != nil {
			return r.unreadable(err)
		}
		e.content = make([]byte, size)
		if _, err := io.ReadFull(in, e.content); err != nil {
			return r.unreadable(err)
		}
		if _, err := in.ReadByte(); err != nil {
			return r.unreadable(err)
		}
	}
	return nil
}

// content reads a file that was not read yet.
func (r *Revision) content(e *entry) ([]byte, error) {
	if e.content == nil {
		out, err := r.repo.git(nil, "cat-file", "blob", e.blob)
		if err != nil {
			return nil, r.unreadable(err)
		}
		e.content = append([]byte{}, out...)
	}
	return e.content, nil
}

func (r *Revision) unreadable(err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return problem(Unreadable, CodeUnreadable, err, "git cannot read %s (%s): %s", r.Name, r.Short(), lastLine(err.Error())).
		WithHelp("`git fsck` finds damaged objects; a partial clone fetches them with `git fetch --refetch`")
}
