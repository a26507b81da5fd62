package catalog_test

import (
	"testing"

	"github.com/segql/segql/compiler/catalog"
)

// TestTables checks that every key says what it is for, and that no word
// leads away from a key of its own table.
func TestTables(t *testing.T) {
	for _, table := range catalog.Tables() {
		names := map[string]bool{}
		for _, k := range table.Keys {
			if names[k.Name] {
				t.Errorf("%s has two keys %s", table.Of, k.Name)
			}
			names[k.Name] = true
			if k.Purpose == "" || k.Form == "" {
				t.Errorf("%s: %s lacks a purpose or a form", table.Of, k.Name)
			}
		}
		also := map[string]string{}
		for _, k := range table.Keys {
			for _, word := range k.Also {
				if names[word] || also[word] != "" {
					t.Errorf("%s: the word %s leads to %s and to %s", table.Of, word, k.Name, also[word])
				}
				also[word] = k.Name
			}
		}
	}
}
