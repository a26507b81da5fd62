// Package reference reads sets of reference results: rules in plain words,
// the SQL that a person wrote for each, and the members it must give. The
// tests of the example projects and the benchmarks are measured by them.
package reference

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"sort"
	"strconv"

	"github.com/segql/segql/internal/yamltree"
	"github.com/segql/segql/lang/syntax"
)

// Set is one reference.yaml.
type Set struct {
	Dataset string
	Setup   string // SQL to run before that of the rules, in the set's folder
	Rules   []Rule
}

// Rule is one rule of a set.
type Rule struct {
	ID, Title string
	SQL       string // gives the members' ids as text
	Count     int64
	SHA256    string // Hash of the members
}

// Load reads a set.
func Load(path string) (*Set, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	file, diags := syntax.Load(path, text)
	if diags.HasErrors() {
		return nil, fmt.Errorf("%s: %s", path, diags[0].Message)
	}
	root, diags := yamltree.Parse(file)
	if diags.HasErrors() {
		return nil, fmt.Errorf("%s: %s", path, diags[0].Message)
	}
	s := &Set{Dataset: field(root, "dataset"), Setup: field(root, "setup_sql")}
	rules := root.Get("rules")
	if rules == nil {
		return nil, fmt.Errorf("%s: no rules", path)
	}
	for _, n := range rules.Value.Items {
		count, err := strconv.ParseInt(field(n, "expected_count"), 10, 64)
		if err != nil {
			return nil, fmt.Errorf("%s: rule %s: %w", path, field(n, "id"), err)
		}
		s.Rules = append(s.Rules, Rule{ID: field(n, "id"), Title: field(n, "title"), SQL: field(n, "sql"), Count: count, SHA256: field(n, "members_sha256")})
	}
	return s, nil
}

// field is the text under a key, or nothing.
func field(n *yamltree.Node, key string) string {
	if e := n.Get(key); e != nil {
		return e.Value.Text
	}
	return ""
}

// Hash is the SHA-256, in hexadecimal, of the ids sorted bytewise, each
// followed by a line feed.
func Hash(ids []string) string {
	sorted := append([]string{}, ids...)
	sort.Strings(sorted)
	h := sha256.New()
	for _, id := range sorted {
		fmt.Fprintln(h, id)
	}
	return hex.EncodeToString(h.Sum(nil))
}
