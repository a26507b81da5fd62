package check

import "testing"

// Every aggregate is in the table of forms, which the reference is printed
// from and mistyped names are compared with.
func TestFormsHaveEveryAggregate(t *testing.T) {
	known := map[string]bool{}
	for _, name := range formNames() {
		known[name] = true
	}
	for name := range aggOps {
		if !known[name] {
			t.Errorf("%s is in no form", name)
		}
	}
}
