//go:build unix

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestDocs follows README.md, README.vi.md, those of the examples and the pages
// of docs from top to bottom, in a copy of the examples that they name. A fenced block of segql, yaml or
// json with a path is written to that file; in a console block each line with $ is run and
// must print the lines below it, where a line of three points stands for any
// lines. A line with git prepares the repository, as nobody in particular.
func TestDocs(t *testing.T) {
	root := filepath.Join("..", "..")
	docs := []string{"README.md", "README.vi.md"}
	for _, pattern := range []string{"examples/README*.md", "examples/*/README*.md", "docs/*.md"} {
		found, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(pattern)))
		if err != nil || len(found) == 0 && pattern != "docs/*.md" {
			t.Fatalf("%s: %d files, %v", pattern, len(found), err)
		}
		for _, path := range found {
			if filepath.Base(filepath.Dir(path)) == "reference" {
				continue // says what is there, and runs nothing
			}
			docs = append(docs, strings.TrimPrefix(path, root+string(filepath.Separator)))
		}
	}
	for _, name := range docs {
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile(filepath.Join(root, name))
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			copyExamples(t, root, dir, string(text))
			blocks := fence.FindAllStringSubmatch(string(text), -1)
			if len(blocks) == 0 {
				t.Fatal("no blocks")
			}
			for _, b := range blocks {
				switch lang, path, _ := strings.Cut(b[1], " "); {
				case (lang == "segql" || lang == "yaml" || lang == "json") && path != "":
					file := filepath.Join(dir, filepath.FromSlash(path))
					if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
						t.Fatal(err)
					}
					write(t, file, b[2])
				case lang == "console":
					console(t, dir, b[2])
				}
			}
		})
	}
}

// copyExamples copies the projects that a text names, without their stores.
func copyExamples(t *testing.T, root, dir, text string) {
	t.Helper()
	for _, name := range exampleName.FindAllString(text, -1) {
		from, to := filepath.Join(root, name), filepath.Join(dir, name)
		if _, err := os.Stat(filepath.Join(from, "catalog.yaml")); err != nil {
			continue
		}
		if _, err := os.Stat(to); err == nil {
			continue // named before
		}
		if err := os.CopyFS(to, os.DirFS(from)); err != nil {
			t.Fatal(err)
		}
		if err := os.RemoveAll(filepath.Join(to, ".segql")); err != nil {
			t.Fatal(err)
		}
	}
}

var (
	fence       = regexp.MustCompile("(?ms)^```([^\n]*)\n(.*?)^```$")
	exampleName = regexp.MustCompile(`examples/[a-z-]+`)
	// What differs from run to run.
	changing = regexp.MustCompile(`(?m)\b01[0-9A-HJKMNP-TV-Z]{24}\b|^Time .*$|\([0-9a-f]{10}\)`)
)

// console runs the commands of one block and compares what they print.
func console(t *testing.T, dir, block string) {
	t.Helper()
	for _, part := range strings.Split("\n"+block, "\n$ ")[1:] {
		line, want, _ := strings.Cut(part, "\n")
		if strings.HasPrefix(line, "git ") {
			runGit(t, dir, words(line)[1:]...)
			continue
		}
		args := words(strings.TrimPrefix(strings.TrimPrefix(line, "go run ./cmd/"), "segql "))
		if args[0] == "segql" {
			args = args[1:]
		}
		p := command(t, args...)
		p.Dir = dir
		out, err := p.Output()
		if code := p.code(t, err); code > exitDefinitions {
			t.Fatalf("%s: exit code %d, %s", line, code, p.stderr.String())
		}
		got := changing.ReplaceAllString(string(out)+p.stderr.String(), "*")
		if !matchLines(strings.TrimSpace(got), strings.TrimSpace(changing.ReplaceAllString(want, "*"))) {
			t.Errorf("$ %s\ngot:\n%s\nwant:\n%s", line, got, want)
		}
	}
}

// words splits a command line at blanks outside double quotes.
func words(line string) []string {
	quoted := false
	args := strings.FieldsFunc(line, func(r rune) bool {
		if r == '"' {
			quoted = !quoted
		}
		return r == ' ' && !quoted
	})
	for i := range args {
		args[i] = strings.ReplaceAll(args[i], `"`, "")
	}
	return args
}

// matchLines compares texts; a line of ... in want stands for any lines.
func matchLines(got, want string) bool {
	parts := strings.Split("\n"+want+"\n", "\n...")
	rest := "\n" + got + "\n"
	for i, part := range parts {
		part = strings.TrimRight(part, "\n")
		at := strings.Index(rest, part)
		if at < 0 || i == 0 && at > 0 {
			return false
		}
		rest = rest[at+len(part):]
	}
	return strings.TrimSpace(rest) == "" || strings.HasSuffix(want, "...")
}

func TestMatchLines(t *testing.T) {
	for _, c := range []struct {
		got, want string
		ok        bool
	}{
		{"a\nb", "a\nb", true}, {"a\nb", "a", false}, {"a\nb\nc", "a\n...\nc", true}, {"a\nb\nc", "a\n...", true},
		{"a\nb\nc", "...\nc", true}, {"a\nb\nc", "b\n...", false}, {"a", "", false}, {"", "", true},
	} {
		if got := matchLines(c.got, c.want); got != c.ok {
			t.Error(fmt.Sprintf("%q %q", c.got, c.want), got)
		}
	}
}
