package ast_test

import (
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"github.com/segql/segql/internal/treegen"
	"github.com/segql/segql/lang/ast"
)

// TestInspect: every node that is in a tree is visited, once.
func TestInspect(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := treegen.New(t, 60).Decl()
		want := map[ast.Node]bool{}
		all(reflect.ValueOf(d), want)
		got := map[ast.Node]bool{}
		ast.Inspect(d, func(n ast.Node) bool {
			if got[n] {
				t.Fatalf("%T is visited twice", n)
			}
			got[n] = true
			return true
		})
		for n := range want {
			if !got[n] {
				t.Errorf("%T is not visited", n)
			}
		}
		if len(got) != len(want) {
			t.Errorf("%d nodes visited, want %d", len(got), len(want))
		}
	})
}

// all gathers the nodes below v by their types, but for names.
func all(v reflect.Value, nodes map[ast.Node]bool) {
	switch v.Kind() {
	case reflect.Interface:
		if !v.IsNil() {
			all(v.Elem(), nodes)
		}
	case reflect.Pointer:
		if v.IsNil() {
			return
		}
		if n, ok := v.Interface().(ast.Node); ok && v.Type() != reflect.TypeFor[*ast.Ident]() {
			nodes[n] = true
		}
		all(v.Elem(), nodes)
	case reflect.Slice:
		for i := range v.Len() {
			if e := v.Index(i); e.Kind() == reflect.Struct && e.Type() != reflect.TypeFor[ast.Ident]() {
				all(e.Addr(), nodes)
			} else {
				all(e, nodes)
			}
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[ast.At]() {
			return
		}
		for i := range v.NumField() {
			all(v.Field(i), nodes)
		}
	}
}
