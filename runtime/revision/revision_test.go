package revision_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/segql/segql/runtime/duckdb"
	"github.com/segql/segql/runtime/revision"
)

// git runs a command in a folder, as nobody in particular.
func git(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", append([]string{"-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "init.defaultBranch=main", "-c", "protocol.file.allow=always"}, args...)...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// repository has a project in a folder of its own: one commit, tagged v1, and a work
// tree in which everything is different.
func repository(t *testing.T) (root, project string) {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	root = t.TempDir()
	project = filepath.Join(root, "tiếp thị", "shop [1]")
	git(t, root, "init", "-q")
	write(t, project, "catalog.yaml", "version: 1\n")
	write(t, project, "segments/a.seg", "segment a { where x }\n")
	write(t, project, "segments/trống.seg", "")
	write(t, project, "b.seg.yaml", "segment: b\n")
	write(t, project, "lists/staff.csv", "email\nlan@shop.vn\n")
	write(t, root, "other.seg", "segment other { where x }\n")
	if err := os.Symlink("segments/a.seg", filepath.Join(project, "link.seg")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("nowhere", filepath.Join(project, "broken.seg")); err != nil {
		t.Fatal(err)
	}
	git(t, root, "add", ".")
	git(t, root, "commit", "-qm", "one")
	git(t, root, "tag", "v1")
	write(t, project, "segments/a.seg", "changed\n")
	write(t, project, "segments/new.seg", "new\n")
	if err := os.Remove(filepath.Join(project, "catalog.yaml")); err != nil {
		t.Fatal(err)
	}
	return root, project
}

func TestOpen(t *testing.T) {
	root, project := repository(t)
	before := git(t, root, "status", "--porcelain")
	r, err := revision.Open(t.Context(), project, "v1")
	if err != nil {
		t.Fatal(err)
	}
	if r.Commit != git(t, root, "rev-parse", "HEAD") || !strings.HasPrefix(r.Commit, r.Short()) || !r.HasProject() {
		t.Errorf("%s %s", r.Commit, r.Short())
	}
	want := map[string]string{"catalog.yaml": "version: 1\n", "segments/a.seg": "segment a { where x }\n", "segments/trống.seg": "", "b.seg.yaml": "segment: b\n",
		"lists/staff.csv": "email\nlan@shop.vn\n", "link.seg": "segment a { where x }\n", "broken.seg": "nowhere"}
	var names []string
	err = fs.WalkDir(r, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		names = append(names, name)
		text, err := fs.ReadFile(r, name)
		if string(text) != want[name] {
			t.Errorf("%s: %q, want %q", name, text, want[name])
		}
		return err
	})
	if err != nil || len(names) != len(want) {
		t.Fatal(names, err)
	}
	if err := fstest.TestFS(r, names...); err != nil {
		t.Error(err)
	}
	if after := git(t, root, "status", "--porcelain"); after != before {
		t.Errorf("the work tree changed from\n%s\nto\n%s", before, after)
	}
}

func TestFolderNotThereYet(t *testing.T) {
	root, _ := repository(t)
	fresh := filepath.Join(root, "fresh")
	if err := os.Mkdir(fresh, 0o755); err != nil {
		t.Fatal(err)
	}
	r, err := revision.Open(t.Context(), fresh, "HEAD")
	if err != nil || r.HasProject() {
		t.Fatal(err)
	}
	if list, err := fs.ReadDir(r, "."); err != nil || len(list) != 0 {
		t.Error(list, err)
	}
	top, err := revision.Open(t.Context(), root, "HEAD")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fs.ReadFile(top, "other.seg"); err != nil {
		t.Error(err)
	}
}

// TestInAHook: git gives hooks paths that hold from the top of the work tree.
func TestInAHook(t *testing.T) {
	_, project := repository(t)
	t.Setenv("GIT_DIR", ".git")
	t.Setenv("GIT_INDEX_FILE", ".git/index")
	t.Setenv("GIT_PREFIX", "tiếp thị/")
	if r, err := revision.Open(t.Context(), project, "main"); err != nil || !r.HasProject() {
		t.Error(err)
	}
}

func TestProblems(t *testing.T) {
	root, project := repository(t)
	git(t, root, "branch", "feature/nữ")
	shallow := filepath.Join(t.TempDir(), "clone")
	git(t, root, "commit", "-qam", "two")
	git(t, root, "clone", "-q", "--depth", "1", "file://"+root, shallow)
	full := filepath.Join(t.TempDir(), "clone")
	git(t, root, "clone", "-q", root, full)
	for _, c := range []struct {
		dir, rev   string
		code, help string
	}{
		{t.TempDir(), "main", "SEG4081", "segql diff OLD NEW"},
		{project, "mian", "SEG4082", "did you mean main?"},
		{project, "nothing-like-it", "SEG4082", "git fetch"},
		{project, "-q", "SEG4082", "give a branch"},
		{project, "", "SEG4082", "give a branch"},
		{project, "HEAD:tiếp thị", "SEG4082", "give a branch"},
		{full, "feature/nữ", "SEG4082", "did you mean origin/feature/nữ?"},
		{shallow, "v1", "SEG4082", "git fetch origin v1"},
	} {
		_, err := revision.Open(t.Context(), c.dir, c.rev)
		var p *duckdb.Problem
		if !errors.As(err, &p) || string(p.Code) != c.code || !strings.Contains(p.Help, c.help) {
			t.Errorf("%s: %v, %+v", c.rev, err, p)
		}
		if revision.Known(t.Context(), c.dir, c.rev) {
			t.Errorf("%s is known", c.rev)
		}
	}
	if !revision.Known(t.Context(), project, "HEAD~1") {
		t.Error("HEAD~1 is unknown")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := revision.Open(ctx, project, "main"); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	t.Setenv("PATH", "")
	var p *duckdb.Problem
	if _, err := revision.Open(t.Context(), project, "main"); !errors.As(err, &p) || p.Kind != revision.NoGit {
		t.Error(err)
	}
}

// TestDamaged: an object that is gone is a problem that names the revision.
func TestDamaged(t *testing.T) {
	root, project := repository(t)
	hash := git(t, root, "rev-parse", "v1:tiếp thị/shop [1]/segments/a.seg")
	object := filepath.Join(root, ".git", "objects", hash[:2], hash[2:])
	if err := os.Remove(object); err != nil {
		t.Fatal(err)
	}
	var p *duckdb.Problem
	if _, err := revision.Open(t.Context(), project, "v1"); !errors.As(err, &p) || p.Kind != revision.Unreadable || !strings.Contains(p.Message, "v1") {
		t.Error(err)
	}
}
