//go:build unix

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/segql/segql/internal/golden"
	"github.com/segql/segql/internal/yamltree"
	"github.com/segql/segql/lang/source"
)

const repositoryTop = "../.."

func readText(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// yamlValue is YAML as build servers read it: unquoted scalars are what they
// look like.
func yamlValue(t *testing.T, name, text string) any {
	t.Helper()
	root, diags := yamltree.Parse(source.New(name, text))
	if diags.HasErrors() || root == nil {
		t.Fatal(name, diags)
	}
	var value func(n *yamltree.Node) any
	value = func(n *yamltree.Node) any {
		switch n.Kind {
		case yamltree.List:
			list := []any{}
			for _, item := range n.Items {
				list = append(list, value(item))
			}
			return list
		case yamltree.Map:
			m := map[string]any{}
			for _, e := range n.Entries {
				m[e.Key.Text] = value(e.Value)
			}
			return m
		case yamltree.Scalar:
			if n.Quoted {
				return n.Text
			}
			if n.Text == "true" || n.Text == "false" {
				return n.Text == "true"
			}
			if _, err := strconv.ParseFloat(n.Text, 64); err == nil {
				return json.Number(n.Text)
			}
			return n.Text
		default:
			return nil
		}
	}
	return value(root)
}

func schemaOf(t *testing.T, name string) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(readText(t, "testdata/schema/"+name)))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(name, doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// yamlOfDocs are the fenced files of docs/ci.md.
func yamlOfDocs(t *testing.T) map[string]string {
	t.Helper()
	files := map[string]string{}
	for _, b := range fence.FindAllStringSubmatch(readText(t, repositoryTop+"/docs/ci.md"), -1) {
		if lang, path, _ := strings.Cut(b[1], " "); lang == "yaml" {
			files[path] = b[2]
		}
	}
	return files
}

// TestCISchemas: the action and the files that the page on CI shows are what
// build servers take, by their published schemas.
func TestCISchemas(t *testing.T) {
	docs := yamlOfDocs(t)
	for _, c := range []struct{ schema, name, text string }{
		{"github-actions.json", "action.yml", readText(t, repositoryTop+"/action.yml")},
		{"github-workflows.json", "workflow", docs[".github/workflows/segments.yaml"]},
		{"gitlab-ci.json", "gitlab", docs[".gitlab-ci.yml"]},
	} {
		s := schemaOf(t, c.schema)
		v := yamlValue(t, c.name, c.text)
		if err := s.Validate(v); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		// The schema sees mistakes.
		m := v.(map[string]any)
		for key := range m {
			m[key] = json.Number("7")
		}
		if s.Validate(v) == nil {
			t.Errorf("%s takes anything", c.schema)
		}
	}
}

// TestHooks: the hooks have what pre-commit asks of a manifest
// (https://pre-commit.com/#new-hooks), look at the right files, and are those
// that the page on CI names.
func TestHooks(t *testing.T) {
	hooks, ok := yamlValue(t, "hooks", readText(t, repositoryTop+"/.pre-commit-hooks.yaml")).([]any)
	if !ok || len(hooks) == 0 {
		t.Fatal("no list")
	}
	known := []string{"id", "name", "description", "entry", "language", "files", "exclude", "pass_filenames"}
	docs := yamlOfDocs(t)[".pre-commit-config.yaml"]
	for _, h := range hooks {
		hook := h.(map[string]any)
		for key := range hook {
			if !slices.Contains(known, key) {
				t.Errorf("%v: %s", hook["id"], key)
			}
		}
		for _, key := range []string{"id", "name", "entry", "language", "files"} {
			if text, ok := hook[key].(string); !ok || text == "" {
				t.Errorf("%v has no %s", hook["id"], key)
			}
		}
		if !strings.Contains(docs, "id: "+fmt.Sprint(hook["id"])+"\n") {
			t.Errorf("the page does not name %s", hook["id"])
		}
		files := regexp.MustCompile(hook["files"].(string))
		for name, want := range map[string]bool{"segments/vip.seg": true, "a/vip.seg.yaml": true, "vip.segment": false, "data.yaml": false} {
			if files.MatchString(name) != want {
				t.Errorf("%s: %s: %t", hook["id"], name, !want)
			}
		}
	}
}

// segqlLine finds the command lines in a file for build servers.
var segqlLine = regexp.MustCompile(`(?m)(?:^|[\s)'"]|: )segql ((?:fmt|check|lint|test|plan|diff|run)\b[^\n;|>]*)`)

// TestCICommands: every command of these files exists, with these flags.
func TestCICommands(t *testing.T) {
	texts := map[string]string{"action.yml": readText(t, repositoryTop+"/action.yml")}
	for name, text := range yamlOfDocs(t) {
		texts[name] = text
	}
	var hooks string
	for _, line := range strings.Split(readText(t, repositoryTop+"/.pre-commit-hooks.yaml"), "\n") {
		if entry, ok := strings.CutPrefix(strings.TrimSpace(line), "entry: "); ok {
			hooks += entry + "\n"
		}
	}
	texts["hooks"] = hooks
	count := 0
	for name, text := range texts {
		for _, m := range segqlLine.FindAllStringSubmatch(text, -1) {
			count++
			args := words(strings.TrimSpace(m[1]))
			cmd, rest, err := (&app{}).root().Find(args)
			if err == nil {
				err = cmd.ParseFlags(rest)
			}
			if err != nil || !cmd.Runnable() {
				t.Errorf("%s: segql %s: %v", name, m[1], err)
			}
		}
	}
	if count < 18 {
		t.Errorf("only %d commands were found", count)
	}
}

// runGit runs git as nobody in particular.
func runGit(t *testing.T, dir string, args ...string) {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com",
		"GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// step is one step of the action.
type step struct {
	name, run string
	env       map[string]string
}

func actionSteps(t *testing.T) (steps []step) {
	t.Helper()
	root, _ := yamltree.Parse(source.New("action.yml", readText(t, repositoryTop+"/action.yml")))
	for _, item := range root.Get("runs").Value.Get("steps").Value.Items {
		s := step{name: item.Get("name").Value.Text, run: item.Get("run").Value.Text, env: map[string]string{}}
		if env := item.Get("env"); env != nil {
			for _, e := range env.Value.Entries {
				s.env[e.Key.Text] = e.Value.Text
			}
		}
		steps = append(steps, s)
	}
	return steps
}

// fakeGH stands for GitHub's own program: a file holds the first line of each
// comment there is, whose line is its number, and another what was asked for.
const fakeGH = `#!/bin/bash
touch "$GH_COMMENTS"
file="${@: -1}"; file="${file#body=@}"
case "$*" in
*--jq*) grep -Fx -e "$MARKER" -n "$GH_COMMENTS" | cut -d: -f1 ;;
*PATCH*) echo "$@" >> "$GH_LOG"; cp "$file" "$GH_BODY" ;;
*) echo "$@" >> "$GH_LOG"; head -n 1 "$file" >> "$GH_COMMENTS"; cp "$file" "$GH_BODY" ;;
esac
`

// server is a build server that runs the action on one pull request.
type server struct {
	t                *testing.T
	top, tmp, branch string
	inputs           map[string]string
}

func newServer(t *testing.T) *server {
	t.Helper()
	for _, tool := range []string{"git", "bash"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip(tool + " is not installed")
		}
	}
	s := &server{t: t, top: t.TempDir(), tmp: t.TempDir(), branch: "main", inputs: map[string]string{
		"inputs.project": "shop", "inputs.data": "", "inputs.base": "main", "inputs.max-change": "", "inputs.lint-level": "warning", "inputs.language": "en",
		"inputs.token": "secret", "github.event.pull_request.number": "7"}}
	if err := os.WriteFile(filepath.Join(s.tmp, "gh"), []byte(fakeGH), 0o755); err != nil {
		t.Fatal(err)
	}
	shop := filepath.Join(s.top, "shop")
	if err := os.CopyFS(shop, os.DirFS(repositoryTop+"/examples/online-shop")); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(shop, ".segql")); err != nil {
		t.Fatal(err)
	}
	runGit(t, s.top, "init", "-q", "-b", "main", ".")
	runGit(t, s.top, "add", ".")
	runGit(t, s.top, "commit", "-q", "-m", "Segments of the shop")
	return s
}

func (s *server) edit(file, from, to string) {
	s.t.Helper()
	path := filepath.Join(s.top, file)
	text := readText(s.t, path)
	if !strings.Contains(text, from) {
		s.t.Fatalf("%s has no %q", file, from)
	}
	write(s.t, path, strings.Replace(text, from, to, 1))
}

var expression = regexp.MustCompile(`^\$\{\{ (\S+) \}\}$`)

// run runs the steps after the first, which builds segql, and gives the exit
// code of each and what it printed.
func (s *server) run() (codes map[string]int, out map[string]string) {
	s.t.Helper()
	codes, out = map[string]int{}, map[string]string{}
	write(s.t, filepath.Join(s.tmp, "output"), "")
	for _, step := range actionSteps(s.t)[1:] {
		cmd := exec.Command("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step.run)
		cmd.Dir = s.top
		file := func(name string) string { return filepath.Join(s.tmp, name) }
		cmd.Env = append(os.Environ(), "PATH="+s.tmp+":"+os.Getenv("PATH"), "RUNNER_TEMP="+s.tmp, "GITHUB_STEP_SUMMARY="+file("summary"), "GITHUB_OUTPUT="+file("output"),
			"GITHUB_REPOSITORY=shop/segments", "GH_COMMENTS="+file("comments"), "GH_LOG="+file("log"), "GH_BODY="+file("body"))
		for name, value := range step.env {
			if m := expression.FindStringSubmatch(value); m != nil {
				known, ok := s.inputs[m[1]]
				if m[1] == "steps.plan.outputs.file" {
					known, ok = s.plan(), true
				}
				if !ok {
					s.t.Fatalf("%s: %s is not known", step.name, value)
				}
				value = known
			}
			cmd.Env = append(cmd.Env, name+"="+value)
		}
		text, err := cmd.CombinedOutput()
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			s.t.Fatal(err)
		}
		codes[step.name], out[step.name] = cmd.ProcessState.ExitCode(), string(text)
	}
	return codes, out
}

// plan is the file that the last run wrote the comment to.
func (s *server) plan() string {
	_, name, _ := strings.Cut(s.file("output"), "file=")
	return strings.TrimSpace(name)
}

func (s *server) file(name string) string { return readText(s.t, filepath.Join(s.tmp, name)) }

// asked is what GitHub was asked to do.
func (s *server) asked() string {
	text := strings.ReplaceAll(s.file("log"), "api --silent --method ", "")
	return regexp.MustCompile(` --field body=@\S+`).ReplaceAllString(text, "")
}

// TestTwoProjects: each project of a repository has its own comment, also where
// the name of one begins like that of another.
func TestTwoProjects(t *testing.T) {
	s := newServer(t)
	if err := os.CopyFS(filepath.Join(s.top, "shop--2"), os.DirFS(filepath.Join(s.top, "shop"))); err != nil {
		t.Fatal(err)
	}
	runGit(t, s.top, "add", ".")
	runGit(t, s.top, "commit", "-q", "-m", "Another shop")
	s.inputs["inputs.data"] = "none"
	var bodies []string
	for _, project := range []string{"shop", "./shop--2/", "shop/../shop"} {
		s.inputs["inputs.project"] = project
		s.run()
		bodies = append(bodies, strings.SplitN(s.file("body"), "\n", 2)[0])
	}
	if got, want := strings.Join(bodies, " "), "<!-- segql diff: shop --> <!-- segql diff: shop-%2D2 --> <!-- segql diff: shop -->"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	comments := "POST repos/shop/segments/issues/7/comments\n"
	if got, want := s.asked(), comments+comments+"PATCH repos/shop/segments/issues/comments/1\n"; got != want {
		t.Errorf("%s", got)
	}
}

// fakeCurl stands for GitLab: it knows the notes of a file, and writes down
// what it is asked to do.
const fakeCurl = `#!/bin/bash
case "$*" in
*per_page*) cat "$NOTES" ;;
*) echo "$@" >> "$ASKED" ;;
esac
`

// TestGitLabNote: the job of the page on CI finds the note of its own project.
func TestGitLabNote(t *testing.T) {
	for _, tool := range []string{"bash", "jq"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip(tool + " is not installed")
		}
	}
	job := yamlValue(t, "gitlab", yamlOfDocs(t)[".gitlab-ci.yml"]).(map[string]any)["segments"].(map[string]any)
	script := job["after_script"].([]any)[0].(string)
	for name, want := range map[string]string{
		"online-shop": "-X PUT .*/notes/12$",
		"shop":        "-X POST .*/notes$",
		"":            "",
	} {
		dir := t.TempDir()
		write(t, filepath.Join(dir, "curl"), fakeCurl)
		if err := os.Chmod(filepath.Join(dir, "curl"), 0o755); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, "notes"), `[{"id": 11, "body": "<!-- segql plan: examples/shops -->\nx"}, {"id": 12, "body": "<!-- segql plan: examples/online-shop -->\nx"}, {"id": 13, "body": "y"}]`)
		if name != "" {
			write(t, filepath.Join(dir, "plan.md"), "<!-- segql plan: examples/"+name+" -->\nz\n")
		}
		write(t, filepath.Join(dir, "asked"), "")
		cmd := exec.Command("bash", "-eo", "pipefail", "-c", script)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"), "NOTES="+dir+"/notes", "ASKED="+dir+"/asked", "SEGQL_TOKEN=secret",
			"CI_API_V4_URL=https://gitlab.example/api/v4", "CI_PROJECT_ID=3", "CI_MERGE_REQUEST_IID=7")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
		got := strings.TrimSpace(readText(t, filepath.Join(dir, "asked")))
		if want == "" && got != "" || !regexp.MustCompile(want).MatchString(got) {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// TestMeasure: a marketer's change of the shipped example goes through the
// action's own steps, as a build server runs them.
func TestMeasure(t *testing.T) {
	s := newServer(t)
	runGit(t, s.top, "switch", "-q", "-c", "noon-begins-at-eleven")
	s.edit("shop/segments/hours.seg", "between 12 and 13", "between  11 and 13")

	// Not in canonical form; and the test says who comes in by it.
	codes, out := s.run()
	if want := map[string]int{"Format": 1, "Check": 0, "Lint": 0, "Test": 1, "Plan": 0, "Comment": 0}; !equalCodes(codes, want) {
		t.Errorf("%v, want %v\n%v", codes, want, out)
	}
	if !strings.Contains(out["Format"], "shop/segments/hours.seg") || !strings.Contains(out["Test"], "2 should not be in lunch_shoppers and is") {
		t.Errorf("%s\n%s", out["Format"], out["Test"])
	}

	// The file is formatted and the test is changed with the segment: all passes, and the comment says whom it adds.
	p := command(t, "fmt", "shop")
	p.Dir = s.top
	if err := p.Run(); err != nil {
		t.Fatal(err)
	}
	s.edit("shop/segments/hours_test.seg.yaml", "{in: [1, 4], not in: [2, 3]}", "{in: [1, 2, 4], not in: [3]}")
	runGit(t, s.top, "commit", "-qam", "Noon begins at eleven")
	codes, out = s.run()
	if want := map[string]int{"Format": 0, "Check": 0, "Lint": 0, "Test": 0, "Plan": 0, "Comment": 0}; !equalCodes(codes, want) {
		t.Errorf("%v\n%v", codes, out)
	}
	// Whether the direction is proved is the matter of other tests.
	golden.Check(t, "testdata/ci/comment.md", regexp.MustCompile(`<br><sub>direction not proved: [^<]*</sub>`).ReplaceAllString(strings.Replace(s.file("body"), "| wider |", "| changed |", 1), ""))
	if got, want := s.asked(), "POST repos/shop/segments/issues/7/comments\nPATCH repos/shop/segments/issues/comments/1\n"; got != want {
		t.Errorf("%s", got)
	}
	if !strings.Contains(s.file("summary"), "lunch_shoppers") || !strings.HasPrefix(s.plan(), s.tmp+"/segql-plan.") {
		t.Error("the summary or the output is not written")
	}

	// A limit refuses it; without data the definitions are compared, in Vietnamese.
	s.inputs["inputs.max-change"] = "10%"
	if codes, out = s.run(); codes["Plan"] != 1 || codes["Comment"] != 0 || !strings.Contains(s.file("body"), "128.6% of its members change, more than 10%") {
		t.Errorf("%v\n%v", codes, out)
	}
	s.inputs["inputs.data"], s.inputs["inputs.language"] = "none", "vi"
	codes, out = s.run()
	if codes["Check"]+codes["Test"]+codes["Plan"]+codes["Comment"] != 0 || !strings.Contains(s.file("body"), "| Phân khúc | Thay đổi | Vì sao |") {
		t.Errorf("%v\n%v\n%s", codes, out, s.file("body"))
	}

	// A mistake is shown beside its line.
	s.edit("shop/segments/hours.seg", "hour(at)", "hour(att)")
	codes, out = s.run()
	if codes["Check"] != 2 || !strings.Contains(out["Check"], "::error file=shop/segments/hours.seg,line=8,") || codes["Plan"] != 2 {
		t.Errorf("%v\n%v", codes, out)
	}
}

func equalCodes(a, b map[string]int) bool {
	for name, code := range b {
		if got, ok := a[name]; !ok || got != code {
			return false
		}
	}
	return len(a) == len(b)
}
